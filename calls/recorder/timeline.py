"""From RTP timestamps to one wall clock, so that sound, picture and people line up. Pure.

Each RTP source has its own clock. Its sender reports (RFC 3550 section 6.4.1) tie that clock to
the sender's, which sound and picture of one person share; a straight line fitted through them
follows a capture clock that drifts. The sender's clock is then shifted to this machine's by the
least delay seen on any frame of the track, as NTP clocks do. A source without reports is placed
by its own least delay.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from calls.archive.segments import EncodedFrame, Record, SenderReport

_DRIFT_LIMIT = 500e-6
_DRIFT_SPAN_SECS = 30.0


@dataclass(frozen=True, slots=True)
class ClockLine:
    """Unix seconds of this machine = start + rate * RTP timestamp."""

    start: float
    rate: float

    def at(self, rtp_time: int) -> float:
        return self.start + self.rate * rtp_time


@dataclass(slots=True)
class _SourceNotes:
    clock_rate: int
    reports: list[tuple[int, float]] = field(default_factory=list)
    arrivals: list[tuple[int, float]] = field(default_factory=list)
    slot: int = -1
    least: float = 0.0


class TrackClock:
    """Learns from all records of one track, then tells each frame's time."""

    def __init__(self) -> None:
        self._sources: dict[int, _SourceNotes] = {}

    def learn(self, records: Iterable[Record]) -> None:
        for record in records:
            notes = self._sources.setdefault(record.source, _SourceNotes(record.clock_rate))
            if isinstance(record, SenderReport):
                notes.reports.append((record.rtp_time, record.ntp_time))
            elif isinstance(record, EncodedFrame):
                _note_arrival(notes, record)

    def lines(self) -> dict[int, ClockLine]:
        """Return for each source its line; a source that had no frame has none."""
        sender = {
            number: _fit(notes.reports, notes.clock_rate)
            for number, notes in self._sources.items()
            if notes.reports
        }
        delays = [
            arrived_at - sender[number].at(rtp_time)
            for number, notes in self._sources.items()
            if number in sender
            for rtp_time, arrived_at in notes.arrivals
        ]
        shift = min(delays, default=0.0)
        lines = {}
        for number, notes in self._sources.items():
            if not notes.arrivals:
                continue
            if number in sender:
                line = sender[number]
                lines[number] = ClockLine(line.start + shift, line.rate)
            else:
                rate = 1 / notes.clock_rate
                start = min(arrived - rate * rtp_time for rtp_time, arrived in notes.arrivals)
                lines[number] = ClockLine(start, rate)
        return lines


def _note_arrival(notes: _SourceNotes, frame: EncodedFrame) -> None:
    """Keep the promptest frame of each second: memory stays small however long the track."""
    slot = frame.rtp_time // frame.clock_rate
    delay = frame.arrived_at - frame.rtp_time / frame.clock_rate
    if slot != notes.slot or not notes.arrivals:
        notes.slot, notes.least = slot, delay
        notes.arrivals.append((frame.rtp_time, frame.arrived_at))
    elif delay < notes.least:
        notes.least = delay
        notes.arrivals[-1] = (frame.rtp_time, frame.arrived_at)


def _fit(reports: list[tuple[int, float]], clock_rate: int) -> ClockLine:
    """Least squares once the reports span half a minute and agree with the nominal rate."""
    nominal = 1 / clock_rate
    offsets = sorted(ntp - nominal * rtp for rtp, ntp in reports)
    level = ClockLine(offsets[len(offsets) // 2], nominal)
    count = len(reports)
    span_secs = (max(r for r, _ in reports) - min(r for r, _ in reports)) * nominal
    if span_secs < _DRIFT_SPAN_SECS:
        return level
    mean_rtp = sum(rtp for rtp, _ in reports) / count
    mean_ntp = sum(ntp for _, ntp in reports) / count
    spread = sum((rtp - mean_rtp) ** 2 for rtp, _ in reports)
    rate = sum((rtp - mean_rtp) * (ntp - mean_ntp) for rtp, ntp in reports) / spread
    if abs(rate / nominal - 1) > _DRIFT_LIMIT:
        return level
    return ClockLine(mean_ntp - rate * mean_rtp, rate)
