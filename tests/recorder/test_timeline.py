"""Every clock brought to one."""

from calls.archive.segments import EncodedFrame, Record, SenderReport
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
