"""From RTP timestamps to one wall clock, so that sound, picture and people line up. Pure.

Each RTP source has its own clock. Its sender reports (RFC 3550 section 6.4.1) tie that clock to
the sender's, which sound and picture of one person share; a straight line fitted through them
follows a capture clock that drifts. Where a capture lost samples (a busy machine) its clock is no
straight line: then the line bends along the reports. The sender's clock is then shifted to this
machine's by the least delay seen on any frame of the track, as NTP clocks do. A source without
reports is placed by its own least delay.
"""

import statistics
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from calls.archive.segments import EncodedFrame, Record, SenderReport

_DRIFT_LIMIT = 500e-6
_DRIFT_SPAN_SECS = 30.0
# One report may be tens of milliseconds off; what so many neighbours agree on is the clock.
_NEIGHBOURS = 2
_BENT_SECS = 0.02
# More than a capture can have lost: such reports cannot be true.
_TORN_SECS = 5.0

Report = tuple[int, float]
"""An RTP timestamp, and the sender's Unix seconds at that moment."""


@dataclass(frozen=True, slots=True)
class ClockLine:
    """Unix seconds of this machine = start + rate * RTP timestamp + what it is bent by there."""

    start: float
    rate: float
    bent_at: Sequence[int] = ()
    """RTP timestamps in ascending order; none where the line is straight."""
    bent_by: Sequence[float] = ()
    """Seconds at each of those; between them in proportion."""

    def at(self, rtp_time: int) -> float:
        straight = self.start + self.rate * rtp_time
        return straight + self._bend(rtp_time) if self.bent_at else straight

    def _bend(self, rtp_time: int) -> float:
        after = bisect(self.bent_at, rtp_time)
        if after == 0 or after == len(self.bent_at):
            return self.bent_by[max(0, after - 1)]
        left, right = self.bent_at[after - 1], self.bent_at[after]
        share = (rtp_time - left) / (right - left)
        return self.bent_by[after - 1] + share * (self.bent_by[after] - self.bent_by[after - 1])


@dataclass(slots=True)
class _SourceNotes:
    clock_rate: int
    reports: list[Report] = field(default_factory=list)
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
            number: _bent(_fit(notes.reports, notes.clock_rate), notes.reports)
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
                lines[number] = replace(line, start=line.start + shift)
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


def _bent(line: ClockLine, reports: Sequence[Report]) -> ClockLine:
    """The line along the reports, if what neighbouring ones agree on lies beside it."""
    # One of a moment is enough, and the line needs them apart.
    moments = sorted(dict(reports).items())
    off = [ntp - line.at(rtp) for rtp, ntp in moments]
    smooth = [
        statistics.median(off[max(0, place - _NEIGHBOURS) : place + _NEIGHBOURS + 1])
        for place in range(len(off))
    ]
    if not _BENT_SECS <= max(map(abs, smooth), default=0.0) <= _TORN_SECS:
        return line
    return replace(line, bent_at=[rtp for rtp, _ in moments], bent_by=smooth)


def _fit(reports: Sequence[Report], clock_rate: int) -> ClockLine:
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
