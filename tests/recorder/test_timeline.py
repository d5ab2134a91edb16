"""Every clock brought to one."""

from calls.archive.segments import EncodedFrame, Kind, Record, SenderReport
from calls.recorder.timeline import TrackClock


def sound(rtp_time: int, arrived_at: float, source: int = 1) -> EncodedFrame:
    return EncodedFrame("audio", "opus", b"", source, rtp_time, 48000, True, arrived_at)


def test_it_follows_a_capture_clock_that_drifts() -> None:
    drift = 1 + 200e-6
    records: list[Record] = []
    for second in range(0, 3600, 5):
        rtp = round(second * 48000 * drift)
        records.append(SenderReport("audio", 1, rtp, 48000, 500.0 + second, 0.0))
        records.append(sound(rtp, 1000.0 + second + 0.03))
    clock = TrackClock()
    clock.learn(records)
    line = clock.lines()[1]
    for second in (0, 1800, 3595):
        assert abs(line.at(round(second * 48000 * drift)) - (1000.03 + second)) < 0.005


def test_it_follows_a_capture_that_loses_samples() -> None:
    """A quarter of a second each of the third and the seventh minute is never heard."""
    records: list[Record] = []
    lost = {second: 12_000 * ((second > 180) + (second > 420)) for second in range(600)}
    for second in range(600):
        rtp = second * 48000 - lost[second]
        if second % 5 == 0:
            records.append(SenderReport("audio", 1, rtp, 48000, 500.0 + second, 0.0))
        records.append(sound(rtp, 1000.0 + second + 0.03))
    clock = TrackClock()
    clock.learn(records)
    line = clock.lines()[1]
    off = [abs(line.at(s * 48000 - lost[s]) - 1000.03 - s) for s in range(600)]
    assert sum(each > 0.03 for each in off) < 30
    assert max(off) < 0.26


def test_it_ignores_one_report_that_is_late() -> None:
    records: list[Record] = [
        SenderReport("audio", 1, 48000 * s, 48000, 500.0 + s + (0.4 if s == 30 else 0), 0.0)
        for s in range(60)
    ]
    records += [sound(48000 * second, 1000.0 + second) for second in range(60)]
    clock = TrackClock()
    clock.learn(records)
    line = clock.lines()[1]
    assert all(abs(line.at(48000 * s) - 1000.0 - s) < 0.02 for s in range(60))


def test_it_ignores_reports_that_cannot_be_true() -> None:
    records: list[Record] = [
        SenderReport("audio", 1, 48000 * second, 48000, 500.0 + 3 * second, 0.0)
        for second in range(60)
    ]
    records += [sound(48000 * second, 1000.0 + second) for second in range(60)]
    clock = TrackClock()
    clock.learn(records)
    line = clock.lines()[1]
    assert abs(line.at(48000 * 59) - line.at(0) - 59) < 1e-6


def test_it_places_a_source_without_reports_by_its_promptest_frame() -> None:
    clock = TrackClock()
    clock.learn([sound(0, 1000.5), sound(48000, 1001.1), sound(96000, 1002.3)])
    assert abs(clock.lines()[1].at(0) - 1000.1) < 1e-6


def test_it_knows_no_line_for_a_source_without_frames() -> None:
    clock = TrackClock()
    clock.learn([SenderReport("audio", 1, 0, 48000, 500.0, 1000.0)])
    assert clock.lines() == {}


def late_reports(*, seconds: int) -> list[Record]:
    """A person whose sender's clock is an hour off; sound is reported first after 2.3 s, the
    picture after 0.5 s; its packets take 80 ms longer, and all are read ten times a second."""
    records: list[Record] = []
    for step in range(seconds * 50):
        at = 1000 + step / 50
        records.append(EncodedFrame("audio", "opus", b"", 1, 960 * step, 48000, True, at + 0.02))
        if step % 2 == 0:
            late = 0.1 + step % 7 / 100
            rtp = 77_000 + 1800 * step
            records.append(EncodedFrame("video", "vp8", b"", 2, rtp, 90000, False, at + late))
    for second in range(seconds):
        for source, first, clock, zero in ((1, 2.3, 48000, 0), (2, 0.5, 90000, 77_000)):
            sent = first + second
            rtp = zero + round(clock * sent)
            kind: Kind = "audio" if source == 1 else "video"
            records.append(SenderReport(kind, source, rtp, clock, 4600 + sent, 1000 + sent + 0.05))
    return sorted(records, key=lambda record: record.arrived_at)


def test_it_places_what_came_before_the_first_report() -> None:
    records = late_reports(seconds=6)
    first = next(n for n, r in enumerate(records) if isinstance(r, SenderReport))
    assert first > 30
    clock = TrackClock()
    clock.learn(records)
    lines = clock.lines()
    # Sound and picture of one moment, from the first frame on, although the picture came later.
    for second in (0, 1, 5):
        sound_at = lines[1].at(48000 * second)
        assert abs(lines[2].at(77_000 + 90000 * second) - sound_at) < 0.001
        assert abs(sound_at - (1000.02 + second)) < 0.001


def test_it_places_a_track_that_ended_before_the_sound_was_reported() -> None:
    records = [r for r in late_reports(seconds=2) if r.arrived_at < 1002]
    assert {r.kind for r in records if isinstance(r, SenderReport)} == {"video"}
    clock = TrackClock()
    clock.learn(records)
    lines = clock.lines()
    # Each by its own least delay: as near as one can know, 0.1 s here.
    assert abs(lines[1].at(0) - 1000.02) < 0.001
    assert abs(lines[2].at(77_000) - 1000.1) < 0.011
