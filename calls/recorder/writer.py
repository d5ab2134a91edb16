"""Cuts the records of one track into segments, in memory.

A segment is cut at a keyframe once it is three seconds old (the recorder asks for one then, so
each segment can be decoded by itself) and at four seconds whatever comes. A recorder that is
killed loses the open segment and nothing else.
"""

from calls.archive.segments import EncodedFrame, Record
from calls.archive.writing import OpenSegment, trimmed

SEGMENT_SECS = 4.0
CUT_AT_KEYFRAME_SECS = 3.0
SEGMENT_BYTES = 8 * 1024 * 1024


class SegmentBuffer:
    """Cuts the records of one track into segments; does no input or output."""

    def __init__(self) -> None:
        self._index = 0
        self._open: OpenSegment | None = None

    def add(self, record: Record) -> OpenSegment | None:
        """Take a record; return the segment that it ended, if it did."""
        finished = self.cut() if self._must_cut(record) else None
        if self._open is None:
            self._open = OpenSegment(
                index=self._index, started_at=record.arrived_at, ended_at=record.arrived_at
            )
        self._open.add(record)
        return finished

    def cut_if_due(self, now: float) -> OpenSegment | None:
        """Return the open segment if it is four seconds old: for a track that went quiet."""
        if self._open is None or now - self._open.started_at < SEGMENT_SECS:
            return None
        return self.cut()

    def cut(self, *, not_after: float | None = None) -> OpenSegment | None:
        """Return the open segment, if any, without what came after that time.

        The next record opens another one.
        """
        finished, self._open = self._open, None
        if finished is not None and not_after is not None:
            finished = trimmed(finished, not_after)
        if finished is not None:
            self._index += 1
        return finished

    def wants_keyframe(self, now: float) -> bool:
        """True while a keyframe would end the open segment."""
        return self._open is not None and now - self._open.started_at >= CUT_AT_KEYFRAME_SECS

    def _must_cut(self, record: Record) -> bool:
        if self._open is None:
            return False
        age_secs = record.arrived_at - self._open.started_at
        if age_secs >= SEGMENT_SECS or len(self._open.plaintext) >= SEGMENT_BYTES:
            return True
        if age_secs < CUT_AT_KEYFRAME_SECS:
            return False
        return isinstance(record, EncodedFrame) and record.kind == "video" and record.keyframe
