"""Packets in any order become whole frames in the right one."""

import random

from calls.recorder.assembly import (
    AssembledFrame,
    FrameAssembler,
    Unwrapper,
    is_keyframe_audio,
    is_keyframe_h264,
    is_keyframe_vp8,
)

KEY = b"\x10\x00\x00\x9d\x01\x2a" + b"k" * 10
DELTA = b"\x11" + b"d" * 10


class Stream:
    """Packets of a made-up video stream, two a frame, near the wrap of every counter."""

    def __init__(self) -> None:
        self.assembler = FrameAssembler(is_keyframe_vp8, patience_secs=1.0)

    def packets(self, count: int, *, keys: tuple[int, ...] = (0,)) -> list[dict[str, object]]:
        return [
            {
                "sequence": (65530 + 2 * frame + half) % 65536,
                "timestamp": (2**32 - 9000 + 3000 * frame) % 2**32,
                "marker": bool(half),
                "payload": (KEY if frame in keys else DELTA) if not half else b"tail",
                "arrived_at": 100 + frame / 30,
            }
            for frame in range(count)
            for half in (0, 1)
        ]

    def feed(self, packets: list[dict[str, object]]) -> list[tuple[int, bool]]:
        frames = [frame for packet in packets for frame in self.assembler.add(**packet)]  # type: ignore[arg-type]
        return [((frame.rtp_time - 2**32 + 9000) // 3000, frame.keyframe) for frame in frames]


def test_it_completes_a_frame_with_its_last_packet() -> None:
    stream = Stream()
    assert stream.feed(stream.packets(3)) == [(0, True), (1, False), (2, False)]
    assert stream.assembler.missing() == []


def test_it_orders_what_came_late_and_ignores_what_came_twice() -> None:
    stream = Stream()
    packets = stream.packets(40)
    rest = packets[1:] + packets[5:9]
    random.Random(3).shuffle(rest)
    assert stream.feed([packets[0], *rest]) == [(n, n == 0) for n in range(40)]


def test_it_names_what_is_missing_and_goes_on_when_it_comes() -> None:
    stream = Stream()
    packets = stream.packets(4)
    assert stream.feed(packets[:2] + packets[3:]) == [(0, True)]
    assert stream.assembler.missing() == [65532]
    assert stream.feed([packets[2]]) == [(1, False), (2, False), (3, False)]


def test_it_waits_for_a_keyframe_after_giving_up() -> None:
    stream = Stream()
    packets = stream.packets(8, keys=(0, 5))
    assert stream.feed(packets[:2] + packets[3:10]) == [(0, True)]
    assert not stream.assembler.expire(100.5)
    assert not stream.assembler.expire(102.0)
    assert stream.assembler.needs_keyframe
    assert stream.feed(packets[10:]) == [(5, True), (6, False), (7, False)]
    assert (stream.assembler.lost_packets, stream.assembler.dropped_frames) == (1, 4)


def test_it_starts_with_a_keyframe() -> None:
    stream = Stream()
    assert stream.feed(stream.packets(6, keys=(3,))) == [(3, True), (4, False), (5, False)]


def test_it_skips_packets_that_hold_only_padding() -> None:
    stream = Stream()
    packets = stream.packets(4)
    packets[4] |= {"payload": b"", "timestamp": packets[3]["timestamp"], "marker": False}
    packets[5] |= {"payload": b"", "timestamp": packets[3]["timestamp"], "marker": False}
    assert stream.feed(packets) == [(0, True), (1, False), (3, False)]


def test_it_goes_on_soon_without_a_lost_sound() -> None:
    assembler = FrameAssembler(is_keyframe_audio, patience_secs=0.2)
    for number in (0, 1, 3, 4):
        frames = assembler.add(
            sequence=number,
            timestamp=960 * number,
            marker=True,
            payload=b"opus",
            arrived_at=number / 50,
        )
        assert len(frames) == (number < 2)
    assert [frame.rtp_time for frame in assembler.expire(0.5)] == [2880, 3840]


def test_it_keeps_up_however_many_sounds_are_lost() -> None:
    assembler = FrameAssembler(is_keyframe_audio, patience_secs=0.2)
    taken: list[AssembledFrame] = []
    for number in range(500):
        now = number / 50
        if number % 3:
            taken += assembler.add(
                sequence=number,
                timestamp=960 * number,
                marker=True,
                payload=b"opus",
                arrived_at=now,
            )
        taken += assembler.expire(now)
    assert len(taken) > 320
    assert [frame.rtp_time // 960 for frame in taken] == [n for n in range(1, 500) if n % 3][
        : len(taken)
    ]


def test_it_bounds_what_it_holds() -> None:
    assembler = FrameAssembler(is_keyframe_vp8, patience_secs=1.0, capacity=16)
    for number in range(200):
        assembler.add(sequence=2 * number, timestamp=0, marker=False, payload=DELTA, arrived_at=0.0)
    assert len(assembler._behind) <= 17


def test_it_unwraps_to_the_nearest_value() -> None:
    counter = Unwrapper(1 << 16)
    assert [counter.unwrap(n) for n in (65534, 65535, 0, 65535, 2)] == [
        65534,
        65535,
        65536,
        65535,
        65538,
    ]


def test_it_tells_keyframes() -> None:
    assert is_keyframe_vp8(KEY)
    assert not is_keyframe_vp8(DELTA)
    assert not is_keyframe_vp8(KEY[:5])
    assert is_keyframe_h264(b"\0\0\0\1\x67sps\0\0\0\1\x68pps\0\0\0\1\x65idr")
    assert not is_keyframe_h264(b"\0\0\0\1\x65idr")
    assert not is_keyframe_h264(b"\0\0\0\1\x41slice")
