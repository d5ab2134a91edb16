"""Our recorder's capture: tap, segments, seal, fsync; and the finished files afterwards."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from bench.recorder.contender import Outcome
from bench.recorder.dump import BITRATE_BPS, RATE
from calls.archive.media import NothingRecorded
from calls.archive.sealedfile import SealedFile
from calls.archive.segments import EncodedFrame, Record, SegmentInfo, read_segment
from calls.archive.vault import DataKey, Vault
from calls.archive.writing import OpenSegment, write_segment
from calls.recorder.pulse import Pulse
from calls.recorder.tap import EncodedTap
from calls.recorder.webm import mux_person
from calls.recorder.writer import SegmentBuffer

TICK_SECS = 0.2


class Ours:
    """Runs in a contender's process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recording = uuid4()
        self._key, _wrapped = Vault([os.urandom(32)]).new_data_key(self._recording)
        self._people: list[_Person] = []
        self._keeping: asyncio.Task[None] | None = None
        self._ends = False

    async def answer(self, offer: str) -> str:
        person = _Person(self._folder, self._recording, self._key)
        self._people.append(person)
        self._keeping = self._keeping or asyncio.create_task(self._keep())
        await person.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        person.tap.attach()
        await person.connection.setLocalDescription(await person.connection.createAnswer())
        return str(person.connection.localDescription.sdp)

    async def finish(self) -> Outcome:
        self._ends = True
        if self._keeping is not None:
            await self._keeping  # a segment may be on its way to the disk
        for person in self._people:
            person.tap.flush()
            await person.tap.close()
            await person.keep(last=True)
            await person.connection.close()
        begun = time.process_time()
        frames = sum(person.finalise() for person in self._people)
        lost = sum(person.lost for person in self._people)
        return Outcome(frames, lost, time.process_time() - begun)

    async def _keep(self) -> None:
        pulse = Pulse.of_this_loop()
        while not self._ends:
            await pulse.sleep(TICK_SECS)
            for person in self._people:
                await person.keep()


class _Person:
    """One recorded stream, kept as the recorder's worker keeps it."""

    def __init__(self, root: Path, recording: UUID, key: DataKey) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.tap = EncodedTap(self.connection, self._take, max_bitrate_bps=2 * BITRATE_BPS)
        self._root = root
        self._place = {"recording": recording, "participant": uuid4(), "track": uuid4()}
        self._key = key
        self._buffer = SegmentBuffer()
        self._finished: list[OpenSegment] = []
        self._manifest: list[SegmentInfo] = []
        self._first = self._last = self._frames = 0

    @property
    def lost(self) -> int:
        if not self._frames:
            return RATE
        return (self._last - self._first) * RATE // 90000 + 1 - self._frames

    async def keep(self, *, last: bool = False) -> None:
        now = time.time()
        if self._buffer.wants_keyframe(now):
            self.tap.request_keyframe()
        if segment := self._buffer.cut() if last else self._buffer.cut_if_due(now):
            self._finished.append(segment)
        for segment in self._finished:
            info = await asyncio.to_thread(
                write_segment, self._root, segment, self._key, **self._place
            )
            self._manifest.append(info)
        self._finished.clear()

    def finalise(self) -> int:
        path = self._root / f"{self._place['participant']}.media"
        try:
            with SealedFile.create(path, self._key, context=b"bench") as output:
                return mux_person([self], output).video_frames
        except NothingRecorded:
            print(f"nothing arrived: {self.connection.connectionState}, {self.tap.counters}")
            return 0

    @property
    def count(self) -> int:
        return len(self._manifest)

    def segments(self, wanted: Callable[[int], bool] = lambda _: True) -> Iterator[bytes | None]:
        place = {name: self._place[name] for name in ("recording", "participant")}
        for info in (info for place, info in enumerate(self._manifest) if wanted(place)):
            yield read_segment(self._read, info, self._key, **place)

    def _read(self, name: str) -> bytes:
        return (self._root / name).read_bytes()

    def _take(self, record: Record) -> None:
        if isinstance(record, EncodedFrame) and record.kind == "video":
            self._first = self._first if self._frames else record.rtp_time
            self._last = record.rtp_time
            self._frames += 1
        if segment := self._buffer.add(record):
            self._finished.append(segment)
