"""CPU of our recorder against stock aiortc MediaRecorder, on the same two streams.

A stream is one person's picture (VP8, 640x480, 30 a second) and sound (Opus). Each recorder runs
in a process of its own and is charged all its CPU time from the first answer to the finished
files: for ours that is capture, encryption, fsync and the making of the WebM. The minutes are
those in the files, so a recorder that cannot keep up with the streams is not flattered by it.
"""

import asyncio
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID, uuid4

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRecorder

from bench.report import Row, less_is_better
from bench.streams import BITRATE_BPS, RATE, Clip, make_clip, send
from calls.archive.sealedfile import SealedFile
from calls.archive.segments import SegmentInfo, read_segment
from calls.archive.vault import DataKey, Vault
from calls.recorder.tap import EncodedTap
from calls.recorder.webm import mux_person
from calls.recorder.writer import OpenSegment, SegmentBuffer, write_segment

STREAMS = 2
ROUNDS = 3
ROUND_SECS = 20

_context = multiprocessing.get_context("spawn")


def run() -> list[Row]:
    clip = make_clip()
    costs: dict[str, list[float]] = {"ours": [], "stock": []}
    kept: dict[str, list[float]] = {"ours": [], "stock": []}
    for number in range(1, ROUNDS + 1):
        for name in costs:
            cost, video_frames = _round(name, clip)
            costs[name].append(cost)
            kept[name].append(video_frames / (STREAMS * ROUND_SECS * RATE))
            print(f"round {number}, {name}: {cost:.2f} CPU-s/min, {kept[name][-1]:.0%} kept")
    stock = "aiortc MediaRecorder (WebM)"
    share, stock_share = statistics.median(kept["ours"]), statistics.median(kept["stock"])
    return [
        less_is_better(
            f"record {STREAMS} streams, capture to finished file",
            "CPU seconds per recorded stream-minute",
            ours=costs["ours"],
            peer=costs["stock"],
            peer_name=stock,
            goal="ratio >= 8",
        ),
        Row(
            what="pictures kept",
            unit="share of those sent while recording",
            ours=round(share, 3),
            peer=round(stock_share, 3),
            peer_name=stock,
            ratio=None,
            goal="ours >= 0.95",
            holds=share >= 0.95,
        ),
    ]


def _round(name: str, clip: Clip) -> tuple[float, int]:
    """CPU seconds per recorded stream-minute of one recorder, and the pictures in its files."""
    pairs = [_context.Pipe() for _ in range(STREAMS)]
    outcome, report = _context.Pipe(duplex=False)
    target = _record_ours if name == "ours" else _record_stock
    recorder = _context.Process(target=target, args=([ours for ours, _ in pairs], report))
    sender = _context.Process(target=send, args=(clip, [theirs for _, theirs in pairs]))
    recorder.start()
    sender.start()
    cpu_secs, video_frames = outcome.recv()
    recorder.join()
    sender.join()
    return cpu_secs / (video_frames / RATE / 60), video_frames


def _record_ours(pipes: list[Connection], report: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report.send(asyncio.run(_ours(pipes, Path(folder))))


def _record_stock(pipes: list[Connection], report: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report.send(asyncio.run(_stock(pipes, Path(folder))))


async def _ours(pipes: list[Connection], root: Path) -> tuple[float, int]:
    recording = uuid4()
    vault = Vault([os.urandom(32)])
    key, _wrapped = vault.new_data_key(recording)
    people = [_Person(root, recording, key) for _ in pipes]
    spent = _cpu_secs()
    begun = time.monotonic()
    for person, pipe in zip(people, pipes, strict=True):
        await _answer(person.connection, pipe, person.tap.attach)
    ended = begun + ROUND_SECS
    while time.monotonic() < ended:
        await asyncio.sleep(0.25)
        for person in people:
            person.keep()
    for person in people:
        await person.tap.close()
        person.keep(last=True)
    video_frames = sum(person.finalise() for person in people)
    spent = _cpu_secs() - spent
    await _end(pipes, [person.connection for person in people])
    return spent, video_frames


class _Person:
    """One recorded stream, kept as the recorder's worker keeps it."""

    def __init__(self, root: Path, recording: UUID, key: DataKey) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.tap = EncodedTap(self.connection, self._take, max_bitrate_bps=BITRATE_BPS)
        self._root = root
        self._place = {"recording": recording, "participant": uuid4(), "track": uuid4()}
        self._key = key
        self._buffer = SegmentBuffer()
        self._finished: list[OpenSegment] = []
        self._manifest: list[SegmentInfo] = []

    def keep(self, *, last: bool = False) -> None:
        now = time.time()
        if self._buffer.wants_keyframe(now):
            self.tap.request_keyframe()
        if segment := self._buffer.cut() if last else self._buffer.cut_if_due(now):
            self._finished.append(segment)
        for segment in self._finished:
            info = write_segment(self._root, segment, self._key, **self._place)
            self._manifest.append(info)
        self._finished.clear()

    def finalise(self) -> int:
        path = self._root / f"{self._place['participant']}.media"
        with SealedFile.create(path, self._key, context=b"bench") as output:
            return mux_person([self], output).video_frames

    def segments(self):  # type: ignore[no-untyped-def]
        place = {name: self._place[name] for name in ("recording", "participant")}
        for info in self._manifest:
            yield read_segment(self._root, info, self._key, **place)

    def _take(self, record) -> None:  # type: ignore[no-untyped-def]
        if segment := self._buffer.add(record):
            self._finished.append(segment)


async def _stock(pipes: list[Connection], root: Path) -> tuple[float, int]:
    spent = _cpu_secs()
    begun = time.monotonic()
    peers, recorders = [], []
    for number, pipe in enumerate(pipes):
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        recorder = MediaRecorder(str(root / f"{number}.webm"))
        peer.on("track", recorder.addTrack)
        await _answer(peer, pipe, lambda: None)
        await recorder.start()
        peers.append(peer)
        recorders.append(recorder)
    await asyncio.sleep(max(0.0, begun + ROUND_SECS - time.monotonic()))
    for recorder in recorders:
        await recorder.stop()
    spent = _cpu_secs() - spent
    await _end(pipes, peers)
    return spent, sum(_count_frames(root / f"{n}.webm") for n in range(len(pipes)))


async def _answer(peer: RTCPeerConnection, pipe: Connection, attach) -> None:  # type: ignore[no-untyped-def]
    offer = await asyncio.to_thread(pipe.recv)
    await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    attach()
    await peer.setLocalDescription(await peer.createAnswer())
    pipe.send(peer.localDescription.sdp)


async def _end(pipes: list[Connection], peers: list[RTCPeerConnection]) -> None:
    for pipe in pipes:
        pipe.send("stop")
    await asyncio.gather(*(peer.close() for peer in peers))


def _count_frames(path: Path) -> int:
    import av

    with av.open(str(path)) as container:
        return sum(packet.size > 0 for packet in container.demux(video=0))


def _cpu_secs() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
