"""One person's send-only connection to the recorder: their offer answered, their frames kept.

aiortc knows no ICE restart, so an offer with new ICE credentials is a new connection; the caller
makes a new RecordedPerson for it and closes the old one.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID, uuid4

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.sdp import candidate_from_sdp

from calls.archive import lines
from calls.archive.lines import TrackPlace
from calls.archive.segments import EncodedFrame, Record
from calls.archive.writing import OpenSegment
from calls.protocol import Candidate, IceServerEntry
from calls.recorder.candidates import is_private, without_private
from calls.recorder.keeper import Keeper
from calls.recorder.tap import EncodedTap
from calls.recorder.writer import SegmentBuffer

logger = logging.getLogger(__name__)

HANG_UP_SECS = 5.0
# The estimate that browsers are sent is advice. Who sends this much more than it for as long is no
# browser of ours, and the disk is everybody's.
FLOOD_FACTOR = 4
FLOOD_BPS = 8_000_000
FLOOD_SECS = 10.0

# aiortc parses descriptions with assert, int() and indexing; what it raises is one kind of fault.
_REFUSALS = (
    AssertionError,
    AttributeError,
    IndexError,
    InvalidAccessError,
    InvalidStateError,
    KeyError,
    OperationError,
    ValueError,
)


class BadDescription(Exception):
    """The offer cannot be answered."""


class RecordedPerson:
    """Captures one track from one connection, from its offer until it is closed."""

    def __init__(
        self,
        *,
        recording: UUID,
        participant: UUID,
        leg: UUID,
        keeper: Keeper,
        ice_servers: Sequence[IceServerEntry],
        max_bitrate_bps: int,
        allow_private: bool,
        dropped: Callable[[str], None],
    ) -> None:
        self.place = TrackPlace(
            recording=recording, participant=participant, leg=leg, track=uuid4()
        )
        self._keeper = keeper
        self._allow_private = allow_private
        self._dropped = dropped
        self._buffer = SegmentBuffer()
        self._credentials = ""
        self.closed = False
        self._paused = False
        self._wants_keyframe = False
        self._connected = False
        self._sending: tuple[bool, bool, str] | None = None
        self._most_bytes = max(FLOOD_FACTOR * max_bitrate_bps, FLOOD_BPS) / 8 * FLOOD_SECS
        self._counted_bytes, self._counted_from = 0, time.time()
        self.floods = False
        # Named explicitly, also when empty: aiortc's default asks a public STUN server.
        servers = [RTCIceServer(s.urls, s.username, s.credential) for s in ice_servers]
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._tap = EncodedTap(self._connection, self._take, max_bitrate_bps=max_bitrate_bps)

    @property
    def lost(self) -> bool:
        """True once the connection failed or the other side closed it."""
        return self._connection.connectionState in ("failed", "closed")

    def continues(self, sdp: str) -> bool:
        """Whether an offer goes on with this connection (same ICE credentials)."""
        return self._credentials == _ice_credentials(sdp) and not self.closed and not self.lost

    async def answer(self, sdp: str) -> str:
        """Return the answer to an offer; raise BadDescription if there can be none."""
        if not self._allow_private:
            sdp, dropped = without_private(sdp)
            for candidate in dropped:
                self._dropped(candidate)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            self._tap.attach()
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except _REFUSALS as exc:
            raise BadDescription("The offer cannot be answered.") from exc
        self._credentials = _ice_credentials(sdp)
        return self._connection.localDescription.sdp

    async def add_candidate(self, signal: Candidate) -> None:
        """Take a remote candidate; a private one is dropped, an unreadable one ignored."""
        if not signal.candidate:
            return
        if not self._allow_private and is_private(signal.candidate):
            self._dropped(signal.candidate)
            return
        try:
            candidate = candidate_from_sdp(signal.candidate.removeprefix("candidate:"))
            candidate.sdpMid = signal.sdp_mid
            candidate.sdpMLineIndex = signal.sdp_mline_index
            await self._connection.addIceCandidate(candidate)
        except _REFUSALS:
            logger.info("a candidate of leg %s cannot be used", self.place.leg)

    def tick(self, now: float) -> None:
        """Cut what is due; ask for the keyframe that the next segment begins with; count."""
        self.floods = self._counted_bytes > self._most_bytes
        if now - self._counted_from >= FLOOD_SECS:
            self._counted_bytes, self._counted_from = 0, now
        if self._wants_keyframe or self._buffer.wants_keyframe(now):
            self._tap.request_keyframe()
        self._keep(self._buffer.cut_if_due(now))

    def end(self, *, reason: str, not_after: float | None = None) -> None:
        """Capture nothing more, and keep nothing that came after that time. Never waits."""
        if self.closed:
            return
        if not_after is None:
            self._tap.flush()
        self.closed = True
        self._keep(self._buffer.cut(not_after=not_after))
        ended_at = min(time.time(), not_after or time.time())
        self._keeper.end_track(self.place, at=ended_at, reason=reason, cut=not_after is not None)
        self._tap.stop()
        logger.info("track %s ended (%s): %s", self.place.track, reason, self._tap.counters)

    async def hang_up(self) -> None:
        """Close the connection of a track that has ended; a few seconds at most."""
        try:
            async with asyncio.timeout(HANG_UP_SECS):
                await self._tap.close()
                await self._connection.close()
        except TimeoutError:
            # All that it carried is kept; nothing may stand still for a farewell.
            logger.warning("the connection of track %s did not close", self.place.track)

    def pause(self) -> None:
        """Keep nothing until `go_on`; what came before is a segment of its own."""
        if not self._paused:
            self._paused = True
            self._keep(self._buffer.cut())

    def go_on(self) -> None:
        """Keep what comes from now on: pictures from the next one that needs none before it."""
        if self._paused:
            self._paused, self._wants_keyframe = False, True

    def sends(self, *, audio: bool, video: bool, why: str) -> None:
        """Note what the person's browser says that it sends; said again, it is no news."""
        if self._sending != (audio, video, why):
            self._sending = (audio, video, why)
            at = time.time()
            self._keeper.note(
                partial(lines.note_sending, self.place, at=at, audio=audio, video=video, why=why)
            )

    def _take(self, record: Record) -> None:
        if not self._connected:
            self._connected = True
            self._keeper.note(partial(lines.note_connected, self.place, at=record.arrived_at))
        if self.closed or self._paused:
            return
        if isinstance(record, EncodedFrame):
            self._counted_bytes += len(record.data)
            if self._wants_keyframe and record.kind == "video":
                if not record.keyframe:
                    return
                self._wants_keyframe = False
        self._keep(self._buffer.add(record))

    def _keep(self, segment: OpenSegment | None) -> None:
        if segment is not None:
            self._keeper.put(self.place, segment)


def _ice_credentials(sdp: str) -> str:
    return "\n".join(line for line in sdp.splitlines() if line.startswith("a=ice-ufrag:"))
