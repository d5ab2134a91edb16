"""What comes after its recording was finished is still played, and what was taken out is not."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import Role
from calls.archive import late, reconciliations, spool, store
from calls.archive.adopting import adopt_unlisted
from calls.archive.keys import recording_key
from calls.archive.late import look_for_late
from calls.archive.sources import verify_stored
from calls.archive.upkeep import start_upkeep
from calls.archive.vault import DataKey
from calls.models import Artifact, Reconciliation, Recording, Segment
from calls.recorder.worker import finalize_recording
from calls.services import cutting, holds
from calls.states import RecordingState
from calls.tasks import AGAIN
from tests.archive.captured import captured, moment, recording
from tests.archive.test_adopting import unlisted
from tests.archive.test_cutting import arrivals, patient
from tests.support.cast import person
from tests.support.servers import wait_for

__all__ = ["captured", "recording", "unlisted"]


def take_away(names: list[str], to: Path) -> Callable[[], None]:
    """As if these files lay in the spool of a machine that is away; what brings them back."""
    for name in names:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        store.spool_path(name).rename(to / name)

    def come_back() -> None:
        for name in names:
            store.spool_path(name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).rename(store.spool_path(name))

    return come_back


def without_lines(recording: Recording) -> list[str]:
    known = set(Segment.objects.values_list("name", flat=True))
    files = store.list_folder(store.spool_root(), str(recording.pk))
    return sorted({file.name for file in files if file.name.endswith(".seg")} - known)


def frames(recording: Recording) -> list[int]:
    files = recording.artifacts.filter(kind="media").order_by("offset_secs")
    return [file.details["video_frames"] for file in files]


def finished(recording: Recording) -> Recording:
    finalize_recording(str(recording.pk))
    recording.refresh_from_db()
    assert recording.state == RecordingState.READY
    return recording


def test_it_makes_the_file_anew_with_segments_that_had_no_line(
    unlisted: Recording, tmp_path: Path
) -> None:
    come_back = take_away(without_lines(unlisted), tmp_path)
    assert frames(finished(unlisted)) == [90, 90]
    before = list(unlisted.artifacts.values_list("name", flat=True))
    assert look_for_late(AGAIN) == []
    come_back()
    assert look_for_late(AGAIN) == [unlisted.pk]
    assert look_for_late(AGAIN) == []
    assert frames(finished(unlisted)) == [150, 150]
    assert verify_stored(unlisted).damage == []
    assert not any(map(store.exists, before))


def test_it_makes_the_file_anew_with_segments_that_were_given_up(
    captured: Recording, tmp_path: Path
) -> None:
    names = list(Segment.objects.filter(index=3).values_list("name", flat=True))
    come_back = take_away(names, tmp_path)
    Segment.objects.update(spooled_at=timezone.now() - spool.PATIENCE)
    finished(captured)
    assert {each.name for each in verify_stored(captured).damage} == set(names)
    assert look_for_late(AGAIN) == []
    come_back()
    assert look_for_late(AGAIN) == [captured.pk]
    assert frames(finished(captured)) == [150, 150]
    assert verify_stored(captured).damage == []


def test_it_finds_in_the_night_what_was_put_back_by_hand(
    captured: Recording, tmp_path: Path
) -> None:
    (name, *_others) = Segment.objects.filter(index=3).values_list("name", flat=True)
    content = store.read_bytes(name)
    take_away([name], tmp_path)
    Segment.objects.filter(name=name).update(
        spooled_at=timezone.now() - spool.PATIENCE, stored_at=timezone.now()
    )
    finished(captured)
    store.write(name, content)
    assert look_for_late(AGAIN) == []
    reconciliations.run(AGAIN, delete=True)
    assert sum(frames(finished(captured))) == 300
    assert verify_stored(captured).damage == []


def test_it_touches_nothing_under_a_legal_hold(unlisted: Recording, tmp_path: Path) -> None:
    come_back = take_away(without_lines(unlisted), tmp_path)
    finished(unlisted)
    root = person("root@example.com", "Root", Role.ADMINISTRATOR)
    hold = holds.place(root, unlisted.pk, purpose="A complaint")
    come_back()
    before = set(Artifact.objects.values_list("pk", flat=True))
    assert look_for_late(AGAIN) == []
    assert (Segment.objects.count(), set(Artifact.objects.values_list("pk", flat=True))) == (
        6,
        before,
    )
    holds.lift(root, hold.pk, purpose="Settled")
    assert look_for_late(AGAIN) == [unlisted.pk]


def test_it_lists_nothing_that_cannot_go_back_to_the_finalisers(
    unlisted: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_back = take_away(without_lines(unlisted), tmp_path)
    finished(unlisted)
    come_back()
    refusing = replace(AGAIN, prepare=lambda _: False)
    assert look_for_late(refusing) == []
    assert Segment.objects.count() == 6

    def meanwhile(recording: Recording) -> DataKey:
        Recording.objects.update(state=RecordingState.FINALISING)
        return recording_key(recording)

    monkeypatch.setattr(late, "recording_key", meanwhile)
    assert look_for_late(AGAIN) == []
    assert Segment.objects.count() == 6


def test_it_takes_out_of_it_what_was_taken_out_before(unlisted: Recording, tmp_path: Path) -> None:
    come_back = take_away(without_lines(unlisted), tmp_path)
    finished(unlisted)
    mei = patient(unlisted)
    assert mei.user
    cutting.cut_out(mei.user, unlisted, mei, moment(4.2), moment(5.0))
    finished(unlisted)
    come_back()
    assert look_for_late(AGAIN) == [unlisted.pk]
    finished(unlisted)
    kept = arrivals(unlisted, mei)
    assert not [at for at in kept if 3.7 <= at <= 5.5]
    assert [at for at in kept if at > 5.5]


def test_it_keeps_the_lines_of_what_is_away_though_something_is_cut_beside(
    captured: Recording, tmp_path: Path
) -> None:
    mei = patient(captured)
    assert mei.user
    away = Segment.objects.filter(track__participant=mei, index__gte=2)
    names = list(away.values_list("name", flat=True))
    come_back = take_away(names, tmp_path)
    Segment.objects.update(spooled_at=timezone.now() - spool.PATIENCE)
    finished(captured)
    cutting.cut_out(mei.user, captured, mei, moment(2.6), moment(3.4))
    Segment.objects.update(spooled_at=timezone.now() - spool.PATIENCE)
    finished(captured)
    assert set(names) <= set(Segment.objects.values_list("name", flat=True))
    come_back()
    assert look_for_late(AGAIN) == [captured.pk]
    finished(captured)
    kept = arrivals(captured, mei)
    assert not [at for at in kept if 2.1 <= at <= 3.9]
    assert [at for at in kept if at > 5.0]
    assert verify_stored(captured).damage == []


def test_it_makes_the_file_anew_after_a_hold_that_came_between(
    unlisted: Recording, tmp_path: Path
) -> None:
    come_back = take_away(without_lines(unlisted), tmp_path)
    finished(unlisted)
    come_back()
    assert look_for_late(AGAIN) == [unlisted.pk]
    root = person("root@example.com", "Root", Role.ADMINISTRATOR)
    hold = holds.place(root, unlisted.pk, purpose="A complaint")
    assert frames(finished(unlisted)) == [90, 90]
    holds.lift(root, hold.pk, purpose="Settled")
    assert frames(finished(unlisted)) == [150, 150]


def test_it_goes_past_a_file_that_cannot_be_read(
    unlisted: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, *_others = without_lines(unlisted)
    read = store.read_bytes

    def broken(name: str) -> bytes:
        if name == bad:
            raise OSError("Input/output error")
        return read(name)

    monkeypatch.setattr(store, "read_bytes", broken)
    finished(unlisted)
    assert Segment.objects.count() == 9


def test_it_lets_go_of_what_a_cut_segment_was_cut_from(unlisted: Recording) -> None:
    name = without_lines(unlisted)[0]
    old = store.spool_path(name)
    left = old.with_name(old.name.replace(".seg", "-1.seg"))
    left.write_bytes(old.read_bytes())
    assert adopt_unlisted(unlisted, recording_key(unlisted)) == 4
    assert left.exists()
    assert not old.exists()


def test_it_takes_nothing_in_that_a_hold_would_keep_against_a_wish(
    unlisted: Recording, tmp_path: Path
) -> None:
    come_back = take_away(without_lines(unlisted), tmp_path)
    finished(unlisted)
    mei = patient(unlisted)
    assert mei.user
    cutting.cut_out(mei.user, unlisted, mei, moment(4.2), moment(5.0))
    finished(unlisted)
    come_back()
    root = person("root@example.com", "Root", Role.ADMINISTRATOR)
    holds.place(root, unlisted.pk, purpose="A complaint")
    assert adopt_unlisted(unlisted, recording_key(unlisted)) == 0


@pytest.mark.django_db(transaction=True)
def test_each_machine_looks_for_it_by_itself(
    unlisted: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calls.archive.upkeep.EVERY_SECS", 0.1)
    monkeypatch.setattr("calls.archive.upkeep.RETRY_SECS", 0.05)
    come_back = take_away(without_lines(unlisted), tmp_path)
    finished(unlisted)
    come_back()

    def is_prepared() -> bool:
        return Recording.objects.get().state == RecordingState.FINALISING

    stop = threading.Event()
    thread = start_upkeep(AGAIN, machine="ward-2", stop=stop)
    try:
        wait_for(is_prepared, "the recording is prepared once more")
        compared = Reconciliation.objects.filter(machine="ward-2", finished_at__isnull=False)
        wait_for(compared.exists, "the spool is compared")
    finally:
        stop.set()
        thread.join(10)
