"""What touches aiortc's inside: encoded frames out of a receiving connection.

Tried with aiortc 1.16.0 (Python 3.11). After the offer was applied and before the answer is,
each stock receiver's receive() is replaced by one of ours (receiver.py), which registers itself
on the DTLS transport. So no decoder thread starts, and the RTP packets come to us: they are put in
order, the missing ones asked for again (NACK), frames completed and handed to the sink as they
were sent. What else a receiver owes its sender goes out through feedback.py: receiver reports,
picture loss indications until a keyframe comes, and a fixed REMB, as aiortc's own estimate starves
the stream.

tests/recorder/test_tap_contract.py names every private name used and fails first when one goes.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import cast

from aiortc import RTCPeerConnection

from calls.archive.segments import Kind, Record
from calls.recorder.receiver import TapCounters, TapReceiver

logger = logging.getLogger(__name__)

Sink = Callable[[Record], None]

TICK_SECS = 0.1
REPORT_SECS = 1.0


class EncodedTap:
    """Takes the encoded frames of one receiving RTCPeerConnection."""

    def __init__(self, connection: RTCPeerConnection, sink: Sink, *, max_bitrate_bps: int) -> None:
        self._connection = connection
        self._sink = sink
        self._max_bitrate_bps = max_bitrate_bps
        self._receivers: dict[Kind, TapReceiver] = {}
        self._ticker: asyncio.Task[None] | None = None
        self._sources = 0
        self.counters = TapCounters()

    def attach(self) -> None:
        """Take over the receivers: after setRemoteDescription(offer), before the answer is set.

        Only the first audio and the first video section are recorded. Call it again after a
        renegotiation; what is attached stays so.
        """
        for transceiver in self._connection.getTransceivers():
            kind = cast("Kind", transceiver.kind)
            if kind in self._receivers or transceiver.receiver.track is None:
                continue
            self._receivers[kind] = TapReceiver(kind, transceiver, self)
        if self._ticker is None:
            self._ticker = asyncio.create_task(self._run())

    def request_keyframe(self) -> None:
        """Ask the sender for a video keyframe with the next tick, at most 0.1 s from now."""
        if (video := self._receivers.get("video")) is not None:
            video.wants_keyframe = True

    def flush(self) -> None:
        """Hand on what still waits for lost packets: the end is near."""
        for receiver in self._receivers.values():
            receiver.flush()

    async def close(self) -> None:
        """Take nothing more; the connection itself is its owner's to close."""
        for receiver in self._receivers.values():
            receiver.close()
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)

    def emit(self, record: Record) -> None:
        """Hand a record on. The sink's fault is counted and logged, never the packet's death."""
        try:
            self._sink(record)
        except Exception as exc:
            self.count_error("The sink refused a record.", exc)

    def count_error(self, what: str, error: Exception) -> None:
        """Every error counts; the 1st, 2nd, 4th, 8th ... is logged, for one fault may repeat."""
        self.counters.errors += 1
        if self.counters.errors & (self.counters.errors - 1) == 0:
            logger.error("%s (error %d)", what, self.counters.errors, exc_info=error)

    def next_source(self) -> int:
        self._sources += 1
        return self._sources

    async def _run(self) -> None:
        next_report = 0.0
        while True:
            now = time.time()
            reporting = now >= next_report
            if reporting:
                next_report = now + REPORT_SECS
            for receiver in self._receivers.values():
                try:
                    await receiver.tick(now, reporting=reporting)
                except Exception as exc:
                    self.count_error("Feedback to the sender failed.", exc)
            await asyncio.sleep(TICK_SECS)

    @property
    def max_bitrate_bps(self) -> int:
        return self._max_bitrate_bps
