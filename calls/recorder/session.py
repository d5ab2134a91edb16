"""One recording while it is captured: who is recorded, for how long, and the end of it.

Consent is held three times: the browser sends only while its person's consent stands, the server
names here only the legs whose consent stands, and the rows are read again every second, so that
a withdrawal counts even when the socket is down.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error as DatabaseFault

from calls.archive.vault import DataKey
from calls.models import Recording
from calls.protocol import (
    Candidate,
    Description,
    Fact,
    FactKind,
    Ice,
    IceServerEntry,
    Media,
    Message,
    Peers,
)
from calls.recorder.keeper import Keeper
from calls.recorder.participant import BadDescription, RecordedPerson
from calls.recorder.pulse import Pulse
from calls.recorder.rows import audit_dropped, open_legs, standing_of, withdrawal_of
from calls.recorder.socket import SignalingSocket, answer_to
from calls.services import attendance
from calls.services import recording as recordings
from calls.states import RecordingState

logger = logging.getLogger(__name__)

RENEW_SECS = 1.0
TICK_SECS = 0.2
LONGEST_SECS = 8 * 3600
# Who is not in the call by then lets another worker try: it may have the right address.
JOIN_SECS = 30.0
# What the estimate sent to the browser leaves for sound and resent packets beside the picture.
SOUND_BITRATE_BPS = 128_000


class CaptureSession:
    """Captures one recording under its lease until it is stopped, lost or handed over."""

    def __init__(
        self,
        recording: Recording,
        *,
        owner: str,
        key: DataKey,
        root: Path,
        must_go: Callable[[], str],
    ) -> None:
        self._recording = recording
        self._owner = owner
        self._must_go = must_go
        self._keeper = Keeper(root, key, failed=self._stop)
        self._people: dict[UUID, RecordedPerson] = {}
        self._inboxes: dict[UUID, asyncio.Queue[Description | Candidate]] = {}
        self._answering: dict[UUID, asyncio.Task[None]] = {}
        self._allowed: dict[UUID, UUID] = {}
        self._sending: dict[UUID, Media] = {}
        self._ice_servers: list[IceServerEntry] = []
        self._announced = False
        self._lease_lost = False
        self._reason = ""
        self._stopped = asyncio.Event()
        self._socket = SignalingSocket(self._url(), self._token, self._hear)

    async def run(self) -> str:
        """Capture; returns why it ended: a word of docs/recording.md.

        1. Join the call; each consenting browser then offers a connection.
        2. Until something stops it: keep the lease, cut segments, drop who may not be recorded.
        3. Close every track, bring the last segments to the disk, then leave the call.
        """
        self._keeper.start()
        tasks = [
            asyncio.create_task(self._follow()),
            asyncio.create_task(self._hold_lease()),
            asyncio.create_task(self._keep_time()),
        ]
        try:
            await self._stopped.wait()
        finally:
            await self._close_people(reason=self._reason or "recorder_failed")
            await self._keeper.finish(
                go_on=lambda: not self._lease_lost and not self._must_go(),
            )
            for task in [*tasks, *self._answering.values()]:
                task.cancel()
            await asyncio.gather(*tasks, *self._answering.values(), return_exceptions=True)
        return self._reason

    def _stop(self, reason: str) -> None:
        """The first reason counts."""
        if not self._stopped.is_set():
            self._reason = reason
            self._stopped.set()

    # --- What runs beside each other --------------------------------------------------------------
    async def _follow(self) -> None:
        try:
            await self._socket.run()
        except Exception:
            logger.exception("recording %s: the signaling socket failed", self._recording.pk)
            self._stop("recorder_failed")
        else:
            self._stop("ended")

    async def _hold_lease(self) -> None:
        renew = database_sync_to_async(recordings.renew)
        while True:
            await Pulse.of_this_loop().sleep(RENEW_SECS)
            try:
                state = await renew(self._recording.pk, owner=self._owner)
                standing = await standing_of(self._recording.pk)
                await self._close_absent()
            except DatabaseFault:
                logger.warning("recording %s: the database is away", self._recording.pk)
                continue
            except Exception:
                # Ended by a fault, this loop would let the lease go while the capture went on.
                logger.exception("recording %s: the lease was not renewed", self._recording.pk)
                continue
            for leg, person in list(self._people.items()):
                if person.place.participant not in standing:
                    await self._close(leg, reason="withdrawn")
            if state is None:
                self._lease_lost = True
                self._stop("lease_lost")
            elif state not in (RecordingState.QUEUED, RecordingState.RECORDING):
                self._stop("stopped")

    async def _keep_time(self) -> None:
        begun_at = time.monotonic()
        while True:
            await Pulse.of_this_loop().sleep(TICK_SECS)
            now = time.time()
            try:
                await self._tick_people(now)
            except Exception:
                logger.exception("recording %s: a track was not ticked", self._recording.pk)
            if why := self._must_go():
                self._stop(why)
            elif time.monotonic() - begun_at > LONGEST_SECS:
                self._stop("too_long")
            elif not self._announced and time.monotonic() - begun_at > JOIN_SECS:
                self._stop("not_joined")

    async def _tick_people(self, now: float) -> None:
        for leg, person in list(self._people.items()):
            person.tick(now)
            if person.lost:
                await self._close(leg, reason="network")

    # --- What the server says ---------------------------------------------------------------------
    async def _hear(self, message: Message) -> None:
        """Never waits long: offers are answered in a task of their leg."""
        if isinstance(message, Ice):
            self._ice_servers = message.servers
        elif isinstance(message, Peers):
            await self._take_peers(message)
        elif isinstance(message, Fact):
            await self._take_fact(message)
        elif isinstance(message, Description | Candidate):
            self._inbox(message.leg).put_nowait(message)
        elif isinstance(message, Media):
            self._sending[message.leg] = message
            self._tell_sending(message.leg)

    def _tell_sending(self, leg: UUID) -> None:
        """What a browser says of its tracks goes into the ledger: silence has a cause."""
        person, media = self._people.get(leg), self._sending.get(leg)
        if person is not None and media is not None:
            why = "" if media.rung == "full" else "line"
            person.sends(audio=media.audio, video=media.video, why=why)

    async def _take_peers(self, message: Peers) -> None:
        self._allowed = {peer.leg: peer.participant for peer in message.peers}
        await self._close_absent()
        for leg in [leg for leg in self._answering if leg not in self._allowed]:
            self._answering.pop(leg).cancel()
            del self._inboxes[leg]
        if not self._announced:
            await database_sync_to_async(recordings.started)(self._recording.pk, owner=self._owner)
            self._announced = True

    async def _close_absent(self) -> None:
        """A leg that lost its socket goes on sending; one that has left, or was replaced, ends."""
        unlisted = {leg for leg in self._people if leg not in self._allowed}
        if not unlisted:
            return
        try:
            absent = unlisted - await open_legs(unlisted)
        except DatabaseFault:
            return  # asked again each second
        for leg in absent:
            await self._close(leg, reason="left")

    async def _take_fact(self, fact: Fact) -> None:
        if fact.data.get("recording") != str(self._recording.pk):
            return
        if fact.kind == FactKind.RECORDING_STOPPED:
            self._stop("stopped")
        elif fact.kind == FactKind.CONSENT_WITHDRAWN:
            not_after = datetime.fromisoformat(fact.at).timestamp()
            for leg, person in list(self._people.items()):
                if str(person.place.participant) == fact.data.get("participant"):
                    await self._close(leg, reason="withdrawn", not_after=not_after)

    # --- People -----------------------------------------------------------------------------------
    def _inbox(self, leg: UUID) -> "asyncio.Queue[Description | Candidate]":
        if leg not in self._inboxes:
            self._inboxes[leg] = asyncio.Queue()
            self._answering[leg] = asyncio.create_task(self._answer(leg, self._inboxes[leg]))
        return self._inboxes[leg]

    async def _answer(self, leg: UUID, inbox: "asyncio.Queue[Description | Candidate]") -> None:
        """Take one leg's descriptions and candidates, in order."""
        while True:
            signal = await inbox.get()
            try:
                if isinstance(signal, Candidate):
                    if (person := self._people.get(leg)) is not None:
                        await person.add_candidate(signal)
                elif signal.type == "offer" and leg in self._allowed:
                    await self._take_offer(signal)
            except BadDescription:
                logger.warning("leg %s sent an offer that cannot be answered", leg)
                await self._close(leg, reason="bad_offer")
            except Exception:
                logger.exception("a signal of leg %s could not be taken", leg)

    async def _take_offer(self, offer: Description) -> None:
        person = self._people.get(offer.leg)
        if person is None or not person.continues(offer.sdp):
            await self._close(offer.leg, reason="replaced")
            if self._stopped.is_set():
                return
            person = self._people[offer.leg] = self._new_person(offer.leg)
            self._tell_sending(offer.leg)
        answer = await person.answer(offer.sdp)
        await self._socket.signal(answer_to(offer, answer))

    def _new_person(self, leg: UUID) -> RecordedPerson:
        return RecordedPerson(
            recording=self._recording.pk,
            participant=self._allowed[leg],
            leg=leg,
            keeper=self._keeper,
            ice_servers=self._ice_servers,
            max_bitrate_bps=settings.RECORDING_VIDEO_BITRATE + SOUND_BITRATE_BPS,
            allow_private=settings.RECORDER_ALLOW_PRIVATE_CANDIDATES,
            dropped=lambda _: audit_dropped(self._allowed.get(leg), leg),
        )

    async def _close(self, leg: UUID, *, reason: str, not_after: float | None = None) -> None:
        """Whatever closes a person, nothing is kept of them that came after their withdrawal."""
        if (person := self._people.get(leg)) is None:
            return
        withdrawn_at = await self._withdrawn_at(person)
        if withdrawn_at is not None:
            reason, not_after = "withdrawn", min(withdrawn_at, not_after or withdrawn_at)
        if self._people.get(leg) is person:
            del self._people[leg]
            await person.close(reason=reason, not_after=not_after)

    async def _close_people(self, *, reason: str) -> None:
        legs = list(self._people)
        closing = (self._close(leg, reason=reason) for leg in legs)
        faults = await asyncio.gather(*closing, return_exceptions=True)
        for leg, fault in zip(legs, faults, strict=True):
            if isinstance(fault, Exception):
                logger.error("leg %s was not closed", leg, exc_info=fault)

    async def _withdrawn_at(self, person: RecordedPerson) -> float | None:
        try:
            return await withdrawal_of(self._recording.pk, person.place.participant)
        except DatabaseFault:
            logger.warning("recording %s: withdrawals cannot be read", self._recording.pk)
            return None

    # --- Where the call is ------------------------------------------------------------------------
    def _url(self) -> str:
        return f"{settings.INTERNAL_WS_URL.rstrip('/')}/ws/calls/{self._recording.call_id}/"

    async def _token(self) -> str:
        return attendance.recorder_token(self._recording, owner=self._owner)
