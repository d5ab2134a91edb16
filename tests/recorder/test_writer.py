"""Segments are short, whole on the disk or not there, and say what they hold."""

import errno
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from calls.archive.segments import EncodedFrame, SegmentDamaged, read_segment, unpack
from calls.archive.vault import DataKey, Vault
from calls.archive.writing import DiskFull, OpenSegment, require_free_space, write_segment
from calls.recorder.writer import SegmentBuffer

RECORDING = UUID("11111111-1111-4111-8111-111111111111")
PERSON = UUID("22222222-2222-4222-8222-222222222222")
TRACK = UUID("33333333-3333-4333-8333-333333333333")
PLACE = {"recording": RECORDING, "participant": PERSON, "track": TRACK}


@pytest.fixture
def key() -> DataKey:
    return Vault([b"k" * 32]).new_data_key(RECORDING)[0]


def reads(root: Path) -> Callable[[str], bytes]:
    """Reads from one folder alone."""
    return lambda name: (root / name).read_bytes()


def frame(at: float, *, keyframe: bool = False, size: int = 100) -> EncodedFrame:
    return EncodedFrame("video", "vp8", b"v" * size, 1, round(at * 90000), 90000, keyframe, at)


def cut(buffer: SegmentBuffer, frames: list[EncodedFrame]) -> list[OpenSegment]:
    return [segment for each in frames if (segment := buffer.add(each)) is not None]


def test_it_cuts_at_four_seconds_at_the_latest() -> None:
    buffer = SegmentBuffer()
    segments = cut(buffer, [frame(100 + n / 30) for n in range(300)])
    assert [segment.index for segment in segments] == [0, 1]
    assert all(segment.ended_at - segment.started_at < 4 for segment in segments)
    assert [segment.video_frames for segment in segments] == [120, 120]


def test_it_cuts_at_a_keyframe_after_three_seconds() -> None:
    buffer = SegmentBuffer()
    frames = [frame(100 + n / 30, keyframe=n in (0, 60, 100)) for n in range(130)]
    (segment,) = cut(buffer, frames)
    assert segment.video_frames == 100
    rest = buffer.cut()
    assert rest is not None
    first = next(unpack(bytes(rest.plaintext)))
    assert isinstance(first, EncodedFrame)
    assert first.keyframe


def test_it_wants_a_keyframe_when_a_cut_is_near() -> None:
    buffer = SegmentBuffer()
    buffer.add(frame(100))
    assert not buffer.wants_keyframe(102.9)
    assert buffer.wants_keyframe(103.1)


def test_it_cuts_a_track_that_went_quiet() -> None:
    buffer = SegmentBuffer()
    buffer.add(frame(100))
    assert buffer.cut_if_due(103) is None
    assert buffer.cut_if_due(104) is not None
    assert buffer.cut_if_due(110) is None


def test_it_bounds_a_segment_in_bytes() -> None:
    buffer = SegmentBuffer()
    segments = cut(buffer, [frame(100 + n / 1000, size=1_000_000) for n in range(20)])
    assert len(segments) == 2


def test_it_keeps_nothing_that_came_after_a_withdrawal() -> None:
    buffer = SegmentBuffer()
    for n in range(30):
        buffer.add(frame(100 + n / 10))
    kept = buffer.cut(not_after=101.55)
    assert kept is not None
    assert [record.arrived_at for record in unpack(bytes(kept.plaintext))][-1] == 101.5
    assert (kept.video_frames, kept.ended_at) == (16, 101.5)
    buffer.add(frame(110))
    assert buffer.cut(not_after=105) is None


def test_it_writes_what_the_manifest_says(tmp_path: Path, key: DataKey) -> None:
    buffer = SegmentBuffer()
    frames = [frame(100 + n / 30, keyframe=n == 0) for n in range(60)]
    cut(buffer, frames)
    segment = buffer.cut()
    assert segment is not None
    info = write_segment(tmp_path, segment, key, **PLACE)
    sealed = (tmp_path / info.name).read_bytes()
    assert info.name == f"{RECORDING}/{PERSON}/{TRACK}/000000.seg"
    assert (info.sha256, info.size_bytes) == (hashlib.sha256(sealed).hexdigest(), len(sealed))
    assert (info.video_frames, info.audio_frames) == (60, 0)
    plaintext = read_segment(reads(tmp_path), info, key, recording=RECORDING, participant=PERSON)
    assert list(unpack(plaintext)) == frames
    assert b"vvvv" not in sealed
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["000000.seg"]


def test_it_notices_a_segment_that_is_altered_gone_or_another_ones(
    tmp_path: Path, key: DataKey
) -> None:
    infos = []
    for index in range(3):
        segment = OpenSegment(index, started_at=100, ended_at=100)
        segment.add(frame(100 + index))
        infos.append(write_segment(tmp_path, segment, key, **PLACE))
    paths = [tmp_path / info.name for info in infos]
    sealed = bytearray(paths[0].read_bytes())
    sealed[40] ^= 1
    paths[0].write_bytes(bytes(sealed))
    paths[1].unlink()
    for info, why in ((infos[0], "not the one"), (infos[1], "missing")):
        with pytest.raises(SegmentDamaged, match=why):
            read_segment(reads(tmp_path), info, key, recording=RECORDING, participant=PERSON)
    with pytest.raises(SegmentDamaged, match="another place"):
        read_segment(reads(tmp_path), infos[2], key, recording=RECORDING, participant=TRACK)


def test_it_stops_cleanly_when_the_disk_is_full(
    tmp_path: Path, key: DataKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    segment = OpenSegment(0, started_at=100, ended_at=100)
    segment.add(frame(100))
    with pytest.raises(DiskFull):
        write_segment(tmp_path, segment, key, **PLACE)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_it_does_not_begin_without_room(tmp_path: Path) -> None:
    require_free_space(tmp_path, least_bytes=1)
    with pytest.raises(DiskFull, match="are needed to record"):
        require_free_space(tmp_path, least_bytes=1 << 60)


def test_it_leaves_only_whole_segments_when_it_is_killed(tmp_path: Path, key: DataKey) -> None:
    program = f"""
import sys
from pathlib import Path
from uuid import UUID
from calls.archive.vault import Vault
from calls.archive.writing import OpenSegment, write_segment
from tests.recorder.test_writer import PLACE, frame
key = Vault([b"k" * 32]).new_data_key(PLACE["recording"])[0]
for index in range(10000):
    segment = OpenSegment(index, started_at=100, ended_at=100)
    for n in range(100):
        segment.add(frame(100 + n / 30, size=5000))
    info = write_segment(Path({str(tmp_path)!r}), segment, key, **PLACE)
    print(info.name, info.sha256, flush=True)
"""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert process.stdout is not None
    told = [process.stdout.readline().split() for _ in range(20)]
    os.kill(process.pid, signal.SIGKILL)
    told += [line.split() for line in process.stdout.read().splitlines()]
    process.wait()
    for name, sha256 in told:
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == sha256
    whole = list(tmp_path.rglob("*.seg"))
    assert len(told) <= len(whole) <= len(told) + 1
