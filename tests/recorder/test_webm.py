"""The finished file: every frame as it was sent, at its true time, seekable, gaps kept."""

import io
import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from calls.archive.media import NothingRecorded
from calls.archive.segments import EncodedFrame
from calls.archive.watermark import SIZE_BYTES
from calls.recorder.poster import make_poster
from tests.recorder.footage import Reel, cut, mux, packets, pictures, records, sounds


def test_it_holds_every_frame_as_it_was_sent(tmp_path: Path) -> None:
    muxed, data = mux(tmp_path, [Reel(cut(records(start=1000.0)))])
    assert muxed.content_type == "video/webm"
    assert [frame for _, frame in packets(data, "video")] == [frame for frame, _ in pictures("vp8")]
    assert [frame for _, frame in packets(data, "audio")] == list(sounds())
    assert (muxed.video_frames, muxed.audio_frames, muxed.dropped_frames) == (150, 250, 0)
    assert (muxed.codecs, muxed.width, muxed.height) == (("vp8", "opus"), 320, 240)
    assert abs(muxed.duration_secs - 5) < 0.05
    assert abs(muxed.started_at - 1000.02) < 0.001
    with av.open(io.BytesIO(data), "r") as container:
        assert len(list(container.decode(video=0))) == 150


def test_it_can_be_sought_in(tmp_path: Path) -> None:
    _, data = mux(tmp_path, [Reel(cut(records(start=1000.0)))])
    with av.open(io.BytesIO(data), "r") as container:
        assert container.duration is not None
        assert abs(container.duration / 1e6 - 5) < 0.1
        container.seek(3_200_000)
        first = next(container.decode(video=0))
    assert first.time is not None
    assert abs(first.time - 3.0) < 0.05
    assert b"\x1c\x53\xbb\x6b" in data, "there are no cues"


def test_it_lines_sound_and_picture_up_by_the_senders_clock(tmp_path: Path) -> None:
    late = records(start=1000.0, video_late_secs=0.4)
    _, data = mux(tmp_path, [Reel(cut(late))])
    video, audio = packets(data, "video"), packets(data, "audio")
    assert abs(video[0][0] - audio[0][0]) < 0.02
    assert abs(video[149][0] - 149 / 30 - video[0][0]) < 0.002


def test_it_keeps_the_gap_between_two_connections(tmp_path: Path) -> None:
    reels = [Reel(cut(records(start=start))) for start in (1000.0, 1012.0)]
    muxed, data = mux(tmp_path, reels)
    video = packets(data, "video")
    steps = [b - a for (a, _), (b, _) in itertools.pairwise(video)]
    assert abs(max(steps) - (12 - 149 / 30)) < 0.005
    assert sorted(steps)[-2] < 0.05
    assert abs(muxed.duration_secs - 17) < 0.05
    assert muxed.video_frames == 300


def test_it_lets_the_newer_of_two_connections_win(tmp_path: Path) -> None:
    reels = [Reel(cut(records(start=start))) for start in (1000.0, 1003.0)]
    muxed, data = mux(tmp_path, reels)
    times = [at for at, _ in packets(data, "video")]
    assert times == sorted(times)
    assert abs(muxed.duration_secs - 8) < 0.05
    assert abs(muxed.video_frames - 240) <= 1


def test_it_goes_on_with_a_keyframe_after_a_damaged_segment(tmp_path: Path) -> None:
    pieces: list[bytes | None] = [*cut(records(start=1000.0), every_secs=1.5)]
    pieces[1] = None
    muxed, data = mux(tmp_path, [Reel(pieces)])
    assert muxed.video_frames + muxed.dropped_frames < 150
    assert muxed.dropped_frames == 0 or muxed.dropped_frames < 30
    with av.open(io.BytesIO(data), "r") as container:
        assert len(list(container.decode(video=0))) == muxed.video_frames
    steps = [b - a for (a, _), (b, _) in itertools.pairwise(packets(data, "audio"))]
    assert 1.4 < max(steps) < 1.6


def test_it_puts_h264_into_matroska(tmp_path: Path) -> None:
    muxed, data = mux(tmp_path, [Reel(cut(records(start=1000.0, codec="h264")))])
    assert muxed.content_type == "video/x-matroska"
    assert (muxed.codecs, muxed.width, muxed.video_frames) == (("h264", "opus"), 320, 150)
    with av.open(io.BytesIO(data), "r") as container:
        assert len(list(container.decode(video=0))) == 150


def test_it_makes_a_file_of_sound_alone(tmp_path: Path) -> None:
    only = [record for record in records(start=1000.0) if record.kind == "audio"]
    muxed, data = mux(tmp_path, [Reel(cut(only))])
    assert (muxed.codecs, muxed.poster, muxed.width) == (("opus",), None, 0)
    assert len(packets(data, "audio")) == 250


def test_it_reads_a_long_track_in_part_and_writes_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, whole = mux(tmp_path, [Reel(cut(records(start=1000.0)))])
    monkeypatch.setattr("calls.recorder.survey.POSTER_CHOICE", 1)
    monkeypatch.setattr("calls.recorder.survey.MOST_SEGMENTS", 2)
    _, data = mux(tmp_path, [Reel(cut(records(start=1000.0)))])
    for kind in ("audio", "video"):
        assert packets(data, kind) == packets(whole, kind)


@pytest.mark.parametrize("late", ["source", "codec"])
def test_it_reads_all_where_something_turns_up_that_was_not_foreseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    monkeypatch.setattr("calls.recorder.survey.POSTER_CHOICE", 1)
    monkeypatch.setattr("calls.recorder.survey.MOST_SEGMENTS", 1)
    made = [record for record in records(start=1000.0) if record.kind == "audio"]
    pictures_then = [record for record in records(start=1000.0) if record.kind == "video"]
    if late == "source":
        made = [*made[:100], *(replace(record, source=7) for record in made[100:])]
    else:
        made = [*made[:100], *pictures_then, *made[100:]]
    muxed, data = mux(tmp_path, [Reel(cut(sorted(made, key=lambda each: each.arrived_at)))])
    assert muxed.audio_frames == 250
    assert muxed.video_frames == (150 if late == "codec" else 0)
    assert len(packets(data, "audio")) == 250


def test_it_draws_a_poster(tmp_path: Path) -> None:
    muxed, _ = mux(tmp_path, [Reel(cut(records(start=1000.0)))])
    assert muxed.poster is not None
    with av.open(io.BytesIO(muxed.poster), "r") as container:
        picture = next(container.decode(video=0))
    assert (picture.width, picture.height) == (320, 240)


def test_it_says_that_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(NothingRecorded):
        mux(tmp_path, [Reel([None])])
    with pytest.raises(NothingRecorded):
        mux(tmp_path, [])


def test_it_measures_how_loud_somebody_is(tmp_path: Path) -> None:
    muxed, _ = mux(tmp_path, [Reel(cut(records(start=1000.0)))])
    assert muxed.loudness_lufs is not None
    assert -70 < muxed.loudness_lufs < 0


def test_it_keeps_a_blank_line_for_the_mark_of_a_copy(tmp_path: Path) -> None:
    muxed, data = mux(tmp_path, [Reel(cut(records(start=1000.0)))])
    assert muxed.mark_at is not None
    mark = b"Copy taken by Mei".ljust(SIZE_BYTES)
    marked = data[: muxed.mark_at] + mark + data[muxed.mark_at + SIZE_BYTES :]
    assert len(marked) == len(data)
    with av.open(io.BytesIO(marked), "r") as container:
        assert container.metadata["COMMENT"].strip() == "Copy taken by Mei"
        assert len(list(container.decode(video=0))) == 150


def test_it_takes_no_black_picture_for_the_poster() -> None:
    dark, light = picture_of(luma=16), picture_of(luma=150)
    poster = make_poster([dark, light, dark])
    assert poster.jpeg is not None
    with av.open(io.BytesIO(poster.jpeg), "r") as container:
        frame = next(container.decode(video=0))
    assert bytes(frame.reformat(format="gray").planes[0])[0] > 100


def picture_of(*, luma: int) -> EncodedFrame:
    """A keyframe (VP8) of one grey."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 64, 48, "yuv420p"
    encoder.time_base = Fraction(1, 30)
    frame = av.VideoFrame(64, 48, "yuv420p")
    for plane, value in zip(frame.planes, (luma, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    data = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    return EncodedFrame("video", "vp8", data, 1, 0, 90000, True, 0.0)
