"""Who is captured now, by the leg that they send on, and how they go."""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import Error as DatabaseFault

from calls.archive.persons import HELD, LISTENING
from calls.models import ParticipantRole
from calls.protocol import Media, Peer
from calls.recorder.participant import RecordedPerson
from calls.recorder.rows import withdrawal_of

logger = logging.getLogger(__name__)


class People:
    """The tracks of one recording. Who is closed is not captured from that moment on; their
    connection hangs up beside, for its other end may not answer and nobody is to wait for that."""

    def __init__(self, recording: UUID) -> None:
        self._recording = recording
        self._by_leg: dict[UUID, RecordedPerson] = {}
        self._told: dict[UUID, Media] = {}
        self._paused: dict[UUID, str] = {}
        self._hanging_up: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[tuple[UUID, RecordedPerson]]:
        """As they are now; who is closed meanwhile is still told of."""
        return iter(list(self._by_leg.items()))

    @property
    def legs(self) -> set[UUID]:
        return set(self._by_leg)

    def get(self, leg: UUID) -> RecordedPerson | None:
        return self._by_leg.get(leg)

    def add(self, leg: UUID, person: RecordedPerson) -> None:
        self._by_leg[leg] = person
        self._note_sending(leg)

    def told(self, media: Media) -> None:
        """What a browser says of its tracks goes into the ledger: silence has a cause."""
        self._told[media.leg] = media
        self._note_sending(media.leg)

    def pause(self, causes: dict[UUID, str]) -> None:
        """Keep nothing of these legs, whatever comes, each for its cause; of the others again."""
        self._paused = causes
        for leg in self._by_leg:
            self._note_sending(leg)

    async def close(self, leg: UUID, *, reason: str, not_after: float | None = None) -> None:
        """Whatever closes a person, nothing is kept of them that came after their withdrawal.

        `not_after` says when that was; without it the rows are asked.
        """
        person = self._by_leg.get(leg)
        if person is None:
            return
        if not_after is None:
            not_after = await self._withdrawn_at(person)
        if self._by_leg.get(leg) is not person:
            return
        del self._by_leg[leg]
        person.end(reason="withdrawn" if not_after else reason, not_after=not_after)
        task = asyncio.create_task(person.hang_up())
        self._hanging_up.add(task)
        task.add_done_callback(self._hung_up)

    async def close_all(self, *, reason: str) -> None:
        """One's fault keeps nobody else's last segment back."""
        legs = list(self._by_leg)
        closing = (self.close(leg, reason=reason) for leg in legs)
        faults = await asyncio.gather(*closing, return_exceptions=True)
        for leg, fault in zip(legs, faults, strict=True):
            if isinstance(fault, Exception):
                logger.error("leg %s was not closed", leg, exc_info=fault)

    async def gone(self) -> None:
        """Returns when every connection has hung up, a few seconds after the last was closed."""
        await asyncio.gather(*self._hanging_up, return_exceptions=True)

    def _note_sending(self, leg: UUID) -> None:
        person, media = self._by_leg.get(leg), self._told.get(leg)
        if person is None:
            return
        if cause := self._paused.get(leg):
            person.pause()
            person.sends(audio=False, video=False, why=cause)
            return
        person.go_on()
        if media is not None:
            why = "" if media.rung == "full" else "line"
            person.sends(audio=media.audio, video=media.video, why=why)

    def _hung_up(self, task: "asyncio.Task[None]") -> None:
        self._hanging_up.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            logger.error("a connection did not hang up", exc_info=fault)

    async def _withdrawn_at(self, person: RecordedPerson) -> float | None:
        try:
            return await withdrawal_of(self._recording, person.place.participant)
        except DatabaseFault:
            logger.warning("recording %s: withdrawals cannot be read", self._recording)
            return None


def pauses(peers: Iterable[Peer]) -> dict[UUID, str]:
    """The legs of which nothing may be kept now, and why: a word of docs/recording.md."""
    silent = [peer for peer in peers if peer.flow == "none"]
    holds = any(peer.role != ParticipantRole.SUPERVISOR for peer in silent)
    return {peer.leg: HELD if holds else LISTENING for peer in silent}
