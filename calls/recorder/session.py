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
from django.utils import timezone

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
from calls.recorder.people import People, pauses
from calls.recorder.pulse import Pulse
from calls.recorder.rows import audit_dropped, open_legs, standing_of
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
        self._people = People(recording.pk)
        self._inboxes: dict[UUID, asyncio.Queue[Description | Candidate]] = {}
        self._answering: dict[UUID, asyncio.Task[None]] = {}
        self._allowed: dict[UUID, UUID] = {}
        self._ice_servers: list[IceServerEntry] = []
        self._joined = False
        self._announced = False
        self._lease_lost = False
        self._reason = ""
        self.stands_still = False
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
        for task in tasks:
            task.add_done_callback(self._mind)
        try:
            await self._stopped.wait()
        finally:
            await self._people.close_all(reason=self._reason or "recorder_failed")
            self.stands_still = not await self._keeper.finish(
                go_on=lambda: not self._lease_lost and not self._must_go(),
            )
            await self._people.gone()
            for task in [*tasks, *self._answering.values()]:
                task.cancel()
            await asyncio.gather(*tasks, *self._answering.values(), return_exceptions=True)
        return self._reason

    def _stop(self, reason: str) -> None:
        """The first reason counts."""
        if not self._stopped.is_set():
            self._reason = reason
            self._stopped.set()

    def _mind(self, task: "asyncio.Task[None]") -> None:
        """Without one of its loops a capture is worth nothing: another worker goes on."""
        if not task.cancelled() and (fault := task.exception()) is not None:
            logger.error("recording %s: a loop broke", self._recording.pk, exc_info=fault)
            self._stop("recorder_failed")

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
                await self._announce()
                await self._close_absent()
            except DatabaseFault:
                logger.warning("recording %s: the database is away", self._recording.pk)
                continue
            except Exception:
                # Ended by a fault, this loop would let the lease go while the capture went on.
                logger.exception("recording %s: the lease was not renewed", self._recording.pk)
                continue
            for leg, person in self._people:
                if person.place.participant not in standing:
                    await self._people.close(leg, reason="withdrawn")
            if state is None:
                self._lease_lost = True
                self._stop("lease_lost")
            elif state not in (RecordingState.QUEUED, RecordingState.RECORDING):
                self._stop("stopped")

    async def _keep_time(self) -> None:
        begun_at = time.monotonic()
        started_at = self._recording.started_at  # by another worker, whose hours count too
        before_secs = (timezone.now() - started_at).total_seconds() if started_at else 0.0
        while True:
            await Pulse.of_this_loop().sleep(TICK_SECS)
            try:
                await self._tick_people(time.time())
            except Exception:
                logger.exception("recording %s: a track was not ticked", self._recording.pk)
            passed_secs = time.monotonic() - begun_at
            if why := self._must_go():
                self._stop(why)
            elif before_secs + passed_secs > LONGEST_SECS:
                self._stop("too_long")
            elif not self._joined and passed_secs > JOIN_SECS:
                self._stop("not_joined")

    async def _tick_people(self, now: float) -> None:
        for leg, person in self._people:
            person.tick(now)
            if person.lost or person.floods:
                await self._people.close(leg, reason="network" if person.lost else "too_much")

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
            self._people.told(message)

    async def _take_peers(self, message: Peers) -> None:
        self._allowed = {peer.leg: peer.participant for peer in message.peers}
        self._people.pause(pauses(message.peers))
        await self._close_absent()
        for leg in [leg for leg in self._answering if leg not in self._allowed]:
            self._answering.pop(leg).cancel()
            del self._inboxes[leg]
        self._joined = True
        try:
            await self._announce()
        except DatabaseFault:
            logger.warning("recording %s: its start is told later", self._recording.pk)

    async def _announce(self) -> None:
        """Say once that it is in the call; asked again each second."""
        if self._joined and not self._announced:
            await database_sync_to_async(recordings.started)(self._recording.pk, owner=self._owner)
            self._announced = True

    async def _close_absent(self) -> None:
        """A leg that lost its socket goes on sending; one that has left, or was replaced, ends."""
        unlisted = self._people.legs - self._allowed.keys()
        if not unlisted:
            return
        try:
            absent = unlisted - await open_legs(unlisted)
        except DatabaseFault:
            return  # asked again each second
        for leg in absent:
            await self._people.close(leg, reason="left")

    async def _take_fact(self, fact: Fact) -> None:
        if fact.data.get("recording") != str(self._recording.pk):
            return
        if fact.kind == FactKind.RECORDING_STOPPED:
            self._stop("stopped")
        elif fact.kind == FactKind.CONSENT_WITHDRAWN:
            not_after = datetime.fromisoformat(fact.at).timestamp()
            for leg, person in self._people:
                if str(person.place.participant) == fact.data.get("participant"):
                    await self._people.close(leg, reason="withdrawn", not_after=not_after)

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
                await self._people.close(leg, reason="bad_offer")
            except Exception:
                logger.exception("a signal of leg %s could not be taken", leg)

    async def _take_offer(self, offer: Description) -> None:
        person = self._people.get(offer.leg)
        if person is None or not person.continues(offer.sdp):
            await self._people.close(offer.leg, reason="replaced")
            if self._stopped.is_set() or offer.leg not in self._allowed:
                return
            person = self._new_person(offer.leg)
            self._people.add(offer.leg, person)
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

    # --- Where the call is ------------------------------------------------------------------------
    def _url(self) -> str:
        return f"{settings.INTERNAL_WS_URL.rstrip('/')}/ws/calls/{self._recording.call_id}/"

    async def _token(self) -> str:
        return attendance.recorder_token(self._recording, owner=self._owner)
