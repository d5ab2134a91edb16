"""Whatever people answer, and recorders die of: nothing is kept from outside of a consent.

Random traces over the real services, keeper and finaliser's cuts. Packets are synthetic, and keep
coming on every open track whatever was said: what browser and server hold back is tried elsewhere.
"""

import asyncio
import os
import time
from itertools import count
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from calls.archive import store
from calls.archive.cutting import cut_what_must_go
from calls.archive.keys import make_recording_key
from calls.archive.lines import TrackPlace
from calls.archive.manifest import info_of
from calls.archive.segments import read_segment, unpack
from calls.archive.vault import DataKey
from calls.models import Consent, Leg, Participant, Recording, Segment
from calls.recorder.keeper import Keeper
from calls.recorder.writer import SegmentBuffer
from calls.services import consent, facts
from calls.services import recording as recordings
from calls.services.errors import ConsentMissing, WrongState
from calls.states import ParticipantState, RecordingState
from tests.recorder.test_writer import frame
from tests.support.cast import TEXT_VERSION, Cast

STEPS = (
    "packets", "packets", "segment", "look", "agree", "withdraw", "leave", "join",
    "restart", "kill", "return",
)  # fmt: skip
TRACES = int(os.environ.get("PARLOUR_TRACES", "10000"))
_refs = count()
# The agent who asks, the patient, and somebody who comes later or never.
step = st.tuples(st.sampled_from(STEPS), st.integers(0, 2))
traces = st.lists(step, max_size=25)
# A recorder that dies before it hears of a withdrawal leaves what came after it.
LATE = [("join", 2), ("packets", 0), ("agree", 2), ("look", 0), ("packets", 0), ("leave", 2)]
DEAF = [("packets", 0), ("withdraw", 1), ("packets", 0), ("segment", 0), ("kill", 0)]


class Trace:
    """One recording, its people, and the recorder that happens to be alive."""

    def __init__(self, people: list[Participant], recording: Recording, key: DataKey) -> None:
        self.people, self.recording, self.key = people, recording, key
        self.said_no: dict[UUID, float] = {}
        self.tracks: dict[UUID, tuple[TrackPlace, SegmentBuffer]] = {}
        self.keeper: Keeper | None = None
        self.runner = asyncio.Runner()

    def do(self, what: str, who: int) -> None:
        person = self.people[who]
        if what == "packets":
            for _place, buffer in self.tracks.values():
                buffer.add(frame(time.time(), keyframe=True))
        elif what == "segment":
            self._cut_segments()
        elif what == "look":
            self._look()
        elif what in ("agree", "withdraw"):
            self._answer(person, granted=what == "agree")
        elif what == "join":
            come(person)
        elif what == "leave":
            self._go(person)
        else:
            self._recorder(what)

    def _cut_segments(self) -> None:
        for place, buffer in self.tracks.values():
            if self.keeper and (made := buffer.cut()):
                self.keeper.put(place, made)
        self.runner.run(asyncio.sleep(0))

    def _go(self, person: Participant) -> None:
        Participant.objects.filter(pk=person.pk).update(state=ParticipantState.LEFT)
        if person.pk in self.tracks:
            self._end(person.pk, "left")

    def _answer(self, person: Participant, *, granted: bool) -> None:
        try:
            consent.answer(
                granted=granted, text_version=TEXT_VERSION, by=person, ref=f"r{next(_refs)}"
            )
        except (WrongState, ConsentMissing):
            return
        if granted:
            self.said_no.pop(person.pk, None)
        else:
            self.said_no[person.pk] = time.time()

    def _look(self) -> None:
        """As the session does each second: rows first, then who may not be recorded goes."""
        given_by = Consent.objects.filter(recording=self.recording, state="given")
        standing = set(given_by.values_list("participant", flat=True))
        for person in list(self.tracks):
            if person not in standing:
                withdrawn = Consent.objects.get(recording=self.recording, participant=person)
                assert withdrawn.withdrawn_at
                self._end(person, "withdrawn", withdrawn.withdrawn_at.timestamp())
        state = Recording.objects.values_list("state", flat=True).get(pk=self.recording.pk)
        if self.keeper is None or state != RecordingState.RECORDING:
            return
        here = Participant.objects.filter(state=ParticipantState.ADMITTED)
        for person in standing.intersection(here.values_list("pk", flat=True)) - set(self.tracks):
            leg = Leg.objects.filter(participant=person).latest("seen_at")
            place = TrackPlace(self.recording.pk, person, leg.pk, uuid4())
            self.tracks[person] = (place, SegmentBuffer())

    def _end(self, person: UUID, reason: str, not_after: float | None = None) -> None:
        place, buffer = self.tracks.pop(person)
        if self.keeper is None:
            return
        if made := buffer.cut(not_after=not_after):
            self.keeper.put(place, made)
        ended = not_after or time.time()
        self.keeper.end_track(place, at=ended, reason=reason, cut=not_after is not None)

    def _recorder(self, what: str) -> None:
        if what == "return" and self.keeper is None:
            self.keeper = Keeper(store.spool_root(), self.key, failed=lambda _: None)
            self.runner.run(begin(self.keeper))
            self._look()
        elif what != "return" and self.keeper is not None:
            if what == "restart":
                self._look()
                for person in list(self.tracks):
                    self._end(person, "recorder_restarted")
            # A killed one has written what it was given, and not a word more.
            self.tracks.clear()
            self.runner.run(self.keeper.finish())
            self.keeper = None


def come(person: Participant) -> None:
    """As somebody is admitted: if a recording is asked for, so are they."""
    Participant.objects.filter(pk=person.pk).update(state=ParticipantState.ADMITTED)
    with facts.locked_call(person.call_id) as call:
        consent.ask_newcomer(call, person)


async def begin(keeper: Keeper) -> None:
    keeper.start()


def play(trace: Trace, steps: list[tuple[str, int]]) -> None:
    with trace.runner:
        trace.do("return", 0)
        for what, who in steps:
            trace.do(what, who)
        trace.do("kill", 0)


def prove(trace: Trace) -> None:
    """Every packet that is kept came while its person's consent stood."""
    Recording.objects.filter(pk=trace.recording.pk).update(state=RecordingState.FINALISING)
    cut_what_must_go(trace.recording, trace.key)
    for row in Segment.objects.filter(track__recording=trace.recording).select_related("track"):
        person = row.track.participant_id
        plain = read_segment(
            store.read_bytes, info_of(row), trace.key,
            recording=trace.recording.pk, participant=person,
        )  # fmt: skip
        given_at = Consent.objects.get(recording=trace.recording, participant=person).given_at
        assert given_at
        for record in unpack(plain):
            until = trace.said_no.get(person, time.time())
            assert given_at.timestamp() <= record.arrived_at <= until
    Recording.objects.filter(pk=trace.recording.pk).update(state=RecordingState.READY)


def run(cast: Cast, examples: int, *, anew: bool = False) -> None:
    people = [cast.call.participants.get(role=role) for role in ("agent", "patient")]
    people.append(Participant.objects.create(call=cast.call, user=cast.tomas, role="agent"))
    for person in people:
        Leg.objects.create(participant=person, seen_at=cast.appointment.starts_at)

    @settings(
        max_examples=examples,
        derandomize=not anew,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @example(DEAF)
    @example(LATE)
    @given(traces)
    def one(steps: list[tuple[str, int]]) -> None:
        first_two = Participant.objects.filter(pk__in=[people[0].pk, people[1].pk])
        first_two.update(state=ParticipantState.ADMITTED)
        Participant.objects.filter(pk=people[2].pk).update(state=ParticipantState.INVITED)
        consent.ask(TEXT_VERSION, by=people[0], ref=f"r{next(_refs)}")
        asked = Recording.objects.latest("asked_at")
        key = make_recording_key(asked)
        consent.answer(granted=True, text_version=TEXT_VERSION, by=people[1], ref=f"r{next(_refs)}")
        assert recordings.claim(asked.pk, owner="worker")
        recordings.started(asked.pk, owner="worker")
        trace = Trace(people, asked, key)
        play(trace, steps)
        prove(trace)

    one()


def test_it_keeps_nothing_outside_of_a_consent(cast: Cast) -> None:
    run(cast, 12)


@pytest.mark.lab
@pytest.mark.timeout(7200)
def test_it_keeps_nothing_outside_of_a_consent_for_long(cast: Cast) -> None:
    run(cast, TRACES, anew=True)
