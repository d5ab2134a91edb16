"""However finalising ends, what is not kept is gone, and long recordings are made side by side."""

from collections.abc import Sequence

import pytest

from calls.archive.finalize import finalize
from calls.archive.finished import LeaseLost
from calls.archive.media import Muxed, TrackReader
from calls.archive.sealedfile import SealedFile
from calls.archive.writing import DiskFull
from calls.models import Artifact, Recording
from calls.recorder.webm import mux_person
from tests.recorder.test_finalize import _folder, always, media, recording

__all__ = ["recording"]


def test_it_makes_long_ones_side_by_side(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calls.archive.finalize.LONG_SECS", 0.0)
    assert finalize(recording, mux=mux_person, go_on=always) == 2
    assert [file.details["video_frames"] for file in media(recording)] == [150, 150]
    assert finalize(recording, mux=mux_person, go_on=always) == 2


def test_it_keeps_nothing_of_a_recording_that_another_worker_has_now(recording: Recording) -> None:
    def slow(readers: Sequence[TrackReader], file: SealedFile) -> Muxed:
        muxed = mux_person(readers, file)
        Recording.objects.update(lease_owner="another")
        return muxed

    with pytest.raises(LeaseLost):
        finalize(recording, mux=slow, go_on=always)
    assert media(recording) == []
    assert not list(_folder(recording).rglob("*.media"))


@pytest.mark.parametrize("long_secs", [0.0, 120.0])
def test_it_leaves_nothing_behind_when_the_disk_is_full(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, long_secs: float
) -> None:
    def full(*_: object) -> Artifact:
        raise DiskFull

    monkeypatch.setattr("calls.archive.finalize.LONG_SECS", long_secs)
    monkeypatch.setattr("calls.archive.finalize._write_poster", full)
    with pytest.raises(DiskFull):
        finalize(recording, mux=mux_person, go_on=always)
    names = {path.suffix for path in _folder(recording).rglob("*") if path.is_file()}
    assert names == {".seg"}
