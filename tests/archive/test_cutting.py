"""What may not be kept is taken out of the segments, and the ledger says so."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role
from calls.archive import store
from calls.archive.cutting import cut_what_must_go
from calls.archive.finished import LeaseLost, forget_outdated
from calls.archive.keys import recording_key
from calls.archive.ledger import ledgers
from calls.archive.manifest import check, info_of
from calls.archive.segments import EncodedFrame, SegmentDamaged, read_segment, unpack
from calls.archive.sources import verify_stored
from calls.archive.store import spool_root
from calls.archive.writing import write_segment
from calls.models import (
    Artifact,
    Consent,
    CutOut,
    LedgerEntry,
    LegalHold,
    Participant,
    Recording,
    Segment,
)
from calls.recorder.worker import finalize_recording
from calls.services import cutting, holds
from calls.services import recording as recordings
from calls.states import LedgerKind, RecordingState
from tests.archive.captured import START, captured, moment, recording
from tests.support.cast import person

__all__ = ["captured", "recording"]


def patient(recording: Recording) -> Participant:
    return recording.call.participants.get(role="patient")


def arrivals(recording: Recording, person: Participant) -> list[float]:
    """When what is kept of a person arrived, in seconds since the start."""
    key = recording_key(recording)
    found: list[float] = []
    rows = Segment.objects.filter(track__recording=recording, track__participant=person)
    for row in rows.order_by("index"):
        plain = read_segment(
            store.read_bytes, info_of(row), key, recording=recording.pk, participant=person.pk
        )
        found += [r.arrived_at - START for r in unpack(plain) if isinstance(r, EncodedFrame)]
    return found


def ask(recording: Recording, start: float, end: float) -> CutOut:
    person = patient(recording)
    assert person.user
    return CutOut.objects.create(
        recording=recording, participant=person, asked_by=person.user, asked_at=timezone.now(),
        starts_at=moment(start), ends_at=moment(end),
    )  # fmt: skip


def test_it_takes_an_interval_out_of_ones_own_and_of_nobody_elses(captured: Recording) -> None:
    agent = captured.call.participants.get(role="agent")
    theirs = arrivals(captured, agent)
    wish = ask(captured, 3.0, 4.0)
    names = set(Segment.objects.values_list("name", flat=True))
    cut_what_must_go(captured, recording_key(captured))
    mine = arrivals(captured, patient(captured))
    assert mine
    assert not [at for at in mine if 2.5 <= at <= 4.5]
    assert arrivals(captured, agent) == theirs
    wish.refresh_from_db()
    assert wish.done_at is not None
    entries = LedgerEntry.objects.filter(recording=captured, body__kind=LedgerKind.CUT.value)
    assert entries.count() >= 2
    gone = {entry.body["was"] for entry in entries}
    assert gone < names
    assert not any(store.exists(name) for name in gone)
    account = next(a for a in ledgers(captured) if a.participant == patient(captured).pk)
    (gap,) = [gap for gap in account.audio.gaps if gap.cause == "cut_out"]
    assert (round(gap.start_secs, 1), round(gap.end_secs, 1)) == (2.5, 4.5)


def test_a_wish_waits_for_the_end_of_a_legal_hold(captured: Recording) -> None:
    Recording.objects.filter(pk=captured.pk).update(state=RecordingState.READY)
    root = person("root@example.com", "Root", Role.ADMINISTRATOR)
    wish = ask(captured, 3.0, 4.0)
    before = arrivals(captured, patient(captured))
    hold = holds.place(root, captured.pk, purpose="A complaint")
    cut_what_must_go(captured, recording_key(captured))
    assert arrivals(captured, patient(captured)) == before
    holds.lift(root, hold.pk, purpose="Settled")
    captured.refresh_from_db()
    assert captured.state == RecordingState.FINALISING
    cut_what_must_go(captured, recording_key(captured))
    assert not [at for at in arrivals(captured, patient(captured)) if 2.5 <= at <= 4.5]
    wish.refresh_from_db()
    assert wish.done_at is not None


def test_a_hold_that_is_lifted_while_it_is_prepared_has_it_prepared_once_more(
    captured: Recording,
) -> None:
    Recording.objects.filter(pk=captured.pk).update(state=RecordingState.READY)
    ask(captured, 3.0, 4.0)
    root = person("root@example.com", "Root", Role.ADMINISTRATOR)
    hold = holds.place(root, captured.pk, purpose="A complaint")
    captured.refresh_from_db()
    assert recordings.finalise_again(captured)
    assert recordings.claim_finalising(captured.pk, owner="worker")
    cut_what_must_go(captured, recording_key(captured))
    holds.lift(root, hold.pk, purpose="Settled")
    assert not recordings.ready(captured.pk, owner="worker")
    captured.refresh_from_db()
    assert (captured.state, captured.lease_owner) == (RecordingState.FINALISING, "")


def test_a_hold_stops_a_cut_that_has_begun(
    captured: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = person("root@example.com", "Root", Role.ADMINISTRATOR)
    wish = ask(captured, 3.2, 4.0)
    names = set(Segment.objects.values_list("name", flat=True))
    write = write_segment

    def hold_meanwhile(*args: Any, **place: Any) -> Any:
        if not LegalHold.objects.exists():
            holds.place(root, captured.pk, purpose="A complaint")
        return write(*args, **place)

    monkeypatch.setattr("calls.archive.cutting.write_segment", hold_meanwhile)
    cut_what_must_go(captured, recording_key(captured))
    assert set(Segment.objects.values_list("name", flat=True)) == names
    wish.refresh_from_db()
    assert wish.done_at is None


def test_a_hold_keeps_a_damaged_segment_of_which_nobody_knows(
    captured: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = person("root@example.com", "Root", Role.ADMINISTRATOR)
    ask(captured, 3.2, 4.0)
    names = set(Segment.objects.values_list("name", flat=True))

    def damaged(*_: Any, **__: Any) -> bytes:
        if not LegalHold.objects.exists():
            holds.place(root, captured.pk, purpose="A complaint")
        raise SegmentDamaged("The file cannot be read.")

    monkeypatch.setattr("calls.archive.cutting.read_segment", damaged)
    cut_what_must_go(captured, recording_key(captured))
    assert set(Segment.objects.values_list("name", flat=True)) == names


def test_a_segment_that_is_gone_by_a_wish_is_no_damage(captured: Recording) -> None:
    first, second = Segment.objects.filter(track__participant=patient(captured))[1:3]
    start, end = first.started_at.timestamp() - START, second.ended_at.timestamp() - START
    ask(captured, start, end)
    Recording.objects.filter(pk=captured.pk).update(state=RecordingState.FINALISING)
    finalize_recording(str(captured.pk))
    names = set(Segment.objects.values_list("name", flat=True))
    assert not {first.name, second.name} & names
    files = Artifact.objects.filter(recording=captured, kind="media")
    assert [file.details["damaged"] for file in files] == [[], []]
    assert check(captured, key=recording_key(captured)) == []


def test_it_takes_out_all_of_the_only_person_though_it_is_killed_at_the_end(
    captured: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    finalize_recording(str(captured.pk))
    mei = patient(captured)
    Segment.objects.exclude(track__participant=mei).delete()
    assert mei.user
    cutting.cut_out(mei.user, captured, mei, moment(0), moment(10))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr("calls.archive.cutting.forget", die)
        with pytest.raises(KeyboardInterrupt):
            finalize_recording(str(captured.pk))
    Recording.objects.update(lease_expires_at=None)
    name = captured.artifacts.get(participant=mei, kind="media").name
    finalize_recording(str(captured.pk))
    assert CutOut.objects.get().done_at is not None
    assert not captured.artifacts.filter(participant=mei).exists()
    assert not store.exists(name)


def test_it_drops_no_file_of_a_worker_that_took_over(captured: Recording) -> None:
    finalize_recording(str(captured.pk))
    ask(captured, 3.0, 4.0)
    captured.refresh_from_db()
    assert recordings.finalise_again(captured)
    first = recordings.claim_finalising(captured.pk, owner="first")
    assert first
    Recording.objects.update(lease_owner="", lease_expires_at=None)
    finalize_recording(str(captured.pk))
    names = set(captured.artifacts.values_list("name", flat=True))
    CutOut.objects.update(done_at=None)
    with pytest.raises(LeaseLost):
        cut_what_must_go(first, recording_key(captured))
    with pytest.raises(LeaseLost):
        forget_outdated(first, recording_key(captured))
    assert set(captured.artifacts.values_list("name", flat=True)) == names
    assert all(map(store.exists, names))


def test_it_begins_the_picture_again_with_a_keyframe(captured: Recording) -> None:
    ask(captured, 2.0, 2.1)
    cut_what_must_go(captured, recording_key(captured))
    key = recording_key(captured)
    person = patient(captured)
    before = True
    for row in Segment.objects.filter(track__participant=person).order_by("index"):
        plain = read_segment(
            store.read_bytes, info_of(row), key, recording=captured.pk, participant=person.pk
        )
        for frame in unpack(plain):
            if not isinstance(frame, EncodedFrame) or frame.kind == "audio":
                continue
            if before and frame.arrived_at - START > 2.6:
                before = False
                assert frame.keyframe
    assert not before


def test_it_cuts_what_a_killed_recorder_left_behind_a_withdrawal(captured: Recording) -> None:
    Consent.objects.filter(participant=patient(captured)).update(
        state="withdrawn", withdrawn_at=moment(3.25)
    )
    cut_what_must_go(captured, recording_key(captured))
    assert max(arrivals(captured, patient(captured))) <= 3.25


def test_it_keeps_nothing_of_who_never_agreed(captured: Recording) -> None:
    Consent.objects.filter(participant=patient(captured)).update(state="asked", given_at=None)
    cut_what_must_go(captured, recording_key(captured))
    assert arrivals(captured, patient(captured)) == []
    assert not list((spool_root() / str(captured.pk) / str(patient(captured).pk)).rglob("*.seg"))


@pytest.mark.parametrize("step", ["write_segment", "replace_segment", "forget", "delete_gone"])
def test_it_may_be_killed_anywhere(
    captured: Recording, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(Exception):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    ask(captured, 3.0, 4.0)
    with monkeypatch.context() as once:
        once.setattr(f"calls.archive.cutting.{step}", die)
        with pytest.raises(Killed):
            cut_what_must_go(captured, recording_key(captured))
    cut_what_must_go(captured, recording_key(captured))
    mine = arrivals(captured, patient(captured))
    assert not [at for at in mine if 2.5 <= at <= 4.5]
    known = set(Segment.objects.values_list("name", flat=True))
    root = spool_root()
    found = {path.relative_to(root).as_posix() for path in root.rglob("*.seg")}
    assert {name for name in found if name.startswith(str(captured.pk))} == known


def test_it_goes_from_the_wish_to_files_without_it_and_still_verifies(captured: Recording) -> None:
    finalize_recording(str(captured.pk))
    person = patient(captured)
    assert person.user
    before = {file.pk for file in captured.artifacts.all()}
    theirs = set(captured.artifacts.exclude(participant=person).values_list("sha256", flat=True))
    captured.refresh_from_db()
    cutting.cut_out(person.user, captured, person, moment(3.0), moment(4.0))
    captured.refresh_from_db()
    assert captured.state == RecordingState.FINALISING
    finalize_recording(str(captured.pk))
    captured.refresh_from_db()
    assert captured.state == RecordingState.READY
    mine = captured.artifacts.get(participant=person, kind="media")
    assert mine.pk not in before
    assert mine.details["video_frames"] < 150
    others = set(captured.artifacts.exclude(participant=person).values_list("sha256", flat=True))
    assert others == theirs
    report = verify_stored(captured)
    assert (report.damage, report.files) == ([], 4)
    assert any(gap.cause == "cut_out" for each in report.accounts for gap in each.audio.gaps)
