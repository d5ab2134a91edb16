"""Whatever a browser sent, and whatever is left of it: a file is made, and is as long as it was."""

import io
import struct
from dataclasses import replace
from pathlib import Path

import av
import pytest

from calls.archive.segments import Codec, EncodedFrame, Record
from tests.recorder.footage import RTP_START, Reel, cut, mux, packets, pictures, records

# Says that it is a keyframe (RFC 6386 section 9.1), and is noise.
NO_PICTURE = b"\xf0\xff\xff\x9d\x01\x2a" + struct.pack("<HH", 64, 48) + bytes(range(256)) * 40


def sent(kind: str) -> list[EncodedFrame]:
    made = records(start=1000.0)
    return [each for each in made if isinstance(each, EncodedFrame) and each.kind == kind]


def unreadable(at: float) -> EncodedFrame:
    return EncodedFrame("video", "vp8", NO_PICTURE, 1, RTP_START - 3000, 90000, True, at)


def test_one_keyframe_that_is_none_costs_nothing_else(tmp_path: Path) -> None:
    made: list[Record] = [unreadable(1000.0), *records(start=1000.0)]
    muxed, data = mux(tmp_path, [Reel(cut(made))])
    assert (muxed.width, muxed.height) == (320, 240)
    assert muxed.poster is not None
    assert [frame for _, frame in packets(data, "video")][1:] == [
        each for each, _ in pictures("vp8")
    ]


def test_it_keeps_the_sound_of_who_sent_no_picture_that_can_be_decoded(tmp_path: Path) -> None:
    muxed, data = mux(tmp_path, [Reel(cut([unreadable(1000.0), *sent("audio")]))])
    assert (muxed.poster, muxed.width, muxed.audio_frames) == (None, 0, 250)
    assert len(packets(data, "audio")) == 250


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_it_keeps_the_sound_where_the_only_keyframe_is_lost(tmp_path: Path, codec: Codec) -> None:
    pictures_sent = [replace(each, codec=codec) for each in sent("video")]
    delta = [replace(each, keyframe=False) for each in pictures_sent]
    made = sorted([*delta, *sent("audio")], key=lambda each: each.arrived_at)
    muxed, data = mux(tmp_path, [Reel([None, *cut(made)])])
    assert (muxed.video_frames, muxed.dropped_frames, muxed.audio_frames) == (0, 150, 250)
    assert len(packets(data, "audio")) == 250


@pytest.mark.parametrize("jump", [2**31 - 1, 90000 * 60, -90000 * 60])
def test_a_clock_that_jumps_moves_nothing_away_from_when_it_came(tmp_path: Path, jump: int) -> None:
    made = records(start=1000.0)
    for place, each in enumerate(made):
        if isinstance(each, EncodedFrame) and each.kind == "video" and each.arrived_at > 1004.0:
            made[place] = replace(each, rtp_time=each.rtp_time + jump)
    muxed, data = mux(tmp_path, [Reel(cut(made))])
    assert muxed.video_frames == 150
    assert abs(muxed.duration_secs - 5) < 0.2
    with av.open(io.BytesIO(data), "r") as container:
        assert container.duration is not None
        assert container.duration < 5.5e6
