"""What comes after the call: from the segments of two people to the files that people play.

The segments are made from the dump without a network, sealed and synced as the recorder's are.
"""

import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from bench.recorder.dump import CLIP_SECS, Packet, make_dump
from bench.report import Row, alone
from calls.archive.sealedfile import SealedFile
from calls.archive.segments import EncodedFrame, Record, SegmentInfo, SenderReport, read_segment
from calls.archive.side_by_side import side_by_side
from calls.archive.vault import DataKey, Vault
from calls.archive.writing import write_segment
from calls.recorder.rtp import without_vp8_descriptor
from calls.recorder.webm import mux_person
from calls.recorder.writer import SegmentBuffer

PEOPLE = 2
SHORT_SECS, LONG_SECS = 600, 3600
_BEGUN_AT = 1_800_000_000.0


def run() -> list[Row]:
    dump = make_dump()
    cpu_secs, wall_secs = _finalise(dump, SHORT_SECS)
    print(f"  ten minutes: {cpu_secs:.1f} CPU-s, {wall_secs:.1f} s")
    long_cpu_secs, long_wall_secs = _finalise(dump, LONG_SECS)
    print(f"  an hour: {long_cpu_secs:.1f} CPU-s, {long_wall_secs:.1f} s")
    return [
        alone(
            "finalise ten minutes of two people",
            "CPU seconds a minute of call",
            ours=[cpu_secs / (SHORT_SECS / 60)],
            goal="ours <= 1",
        ),
        alone(
            "finalise an hour of two people",
            "CPU seconds a minute of call",
            ours=[long_cpu_secs / (LONG_SECS / 60)],
            goal="ours <= 1",
        ),
        alone(
            "from the stop to playable, an hour of two people",
            "seconds",
            ours=[long_wall_secs],
            goal="ours <= 10",
        ),
    ]


def _finalise(dump: list[Packet], secs: int) -> tuple[float, float]:
    """CPU and wall seconds to make both people's files."""
    with tempfile.TemporaryDirectory(prefix="parlour-bench-") as folder:
        recording = uuid4()
        key, _wrapped = Vault([os.urandom(32)]).new_data_key(recording)
        tracks = [_Track(Path(folder), recording, key) for _ in range(PEOPLE)]
        for track in tracks:
            track.fill(dump, secs)
        jobs = [
            partial(_mux, track, Path(folder) / f"{number}.media", key)
            for number, track in enumerate(tracks)
        ]
        begun, spent = time.monotonic(), _cpu_secs()
        side_by_side(jobs)
        return _cpu_secs() - spent, time.monotonic() - begun


def _mux(track: "_Track", path: Path, key: DataKey) -> None:
    with SealedFile.create(path, key, context=b"bench") as output:
        mux_person([track], output)


def _cpu_secs() -> float:
    """Of this process and of those that it has waited for."""
    mine = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in mine)


class _Track:
    """One person's segments on the disk, which the muxer reads."""

    def __init__(self, root: Path, recording: UUID, key: DataKey) -> None:
        self._root = root
        self._key = key
        self._place = {"recording": recording, "participant": uuid4(), "track": uuid4()}
        self._manifest: list[SegmentInfo] = []

    def fill(self, dump: list[Packet], secs: int) -> None:
        buffer = SegmentBuffer()
        for record in _records(dump, secs):
            if segment := buffer.add(record):
                info = write_segment(self._root, segment, self._key, **self._place)
                self._manifest.append(info)

    @property
    def count(self) -> int:
        return len(self._manifest)

    def segments(self, wanted: Callable[[int], bool] = lambda _: True) -> Iterator[bytes | None]:
        place = {name: self._place[name] for name in ("recording", "participant")}
        for info in (info for place, info in enumerate(self._manifest) if wanted(place)):
            yield read_segment(self._read, info, self._key, **place)

    def _read(self, name: str) -> bytes:
        return (self._root / name).read_bytes()


def _records(dump: list[Packet], secs: int) -> Iterator[Record]:
    """What a recorder would have made of the dump."""
    for turn in range(secs // CLIP_SECS):
        shift_secs = turn * CLIP_SECS
        at = _BEGUN_AT + shift_secs
        yield SenderReport("audio", 1, shift_secs * 48000, 48000, at, at)
        yield SenderReport("video", 2, shift_secs * 90000, 90000, at, at)
        parts: list[bytes] = []
        for packet in dump:
            at = _BEGUN_AT + shift_secs + packet.due_secs
            if packet.audio:
                rtp = packet.timestamp + shift_secs * 48000
                yield EncodedFrame("audio", "opus", packet.payload, 1, rtp, 48000, True, at)
                continue
            parts.append(without_vp8_descriptor(packet.payload))
            if packet.marker:
                data, parts = b"".join(parts), []
                rtp = packet.timestamp + shift_secs * 90000
                key = not data[0] & 1
                yield EncodedFrame("video", "vp8", data, 2, rtp, 90000, key, at)
