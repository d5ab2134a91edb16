"""What touches aiortc's inside: encoded frames out of a receiving connection.

Tried with aiortc 1.16.0 (Python 3.11). After the offer was applied and before the answer is,
each stock receiver's receive() is replaced by one of ours (receiver.py), which registers itself
on the DTLS transport. So no decoder thread starts, and the packets come to us, by the short way
(inlet.py) where this release allows it: they are put in order, the missing ones asked for again
(NACK), frames completed and handed to the sink as they were sent. What else a receiver owes its
sender goes out through feedback.py: receiver reports, picture loss indications until a keyframe
comes, and a fixed REMB from the first packet on, as aiortc's own estimate starves the stream.

tests/recorder/test_tap_contract.py names every private name used and fails first when one goes.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from aiortc import RTCPeerConnection, RTCRtpReceiver
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters

from calls.archive.segments import Kind, Record
from calls.recorder.inlet import Inlet, Mouth
from calls.recorder.pulse import Pulse
from calls.recorder.receiver import TapCounters, TapReceiver
from calls.recorder.rtp import Report
from calls.recorder.source import Route

logger = logging.getLogger(__name__)

Sink = Callable[[Record], None]

REPORT_SECS = 1.0


class EncodedTap:
    """Takes the encoded frames of one receiving RTCPeerConnection."""

    def __init__(self, connection: RTCPeerConnection, sink: Sink, *, max_bitrate_bps: int) -> None:
        self._connection = connection
        self._sink = sink
        self._max_bitrate_bps = max_bitrate_bps
        self._receivers: dict[Kind, TapReceiver] = {}
        self._inlets: dict[RTCDtlsTransport, Inlet | None] = {}
        self._outgoing: dict[RTCDtlsTransport, bytearray] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._pulse: Pulse | None = None
        self._report_at = 0.0
        self._sources = 0
        self._stopped = False
        self.counters = TapCounters()

    def attach(self) -> None:
        """Take over the receivers: after setRemoteDescription(offer), before the answer is set.

        Only the first audio and the first video section are recorded; nothing is done with any
        other. Call it again after a renegotiation; what is attached stays so. Stopped meanwhile, it
        takes nothing over.
        """
        if self._stopped:
            return
        for transceiver in self._connection.getTransceivers():
            kind = cast("Kind", transceiver.kind)
            stock = transceiver.receiver
            if (known := self._receivers.get(kind)) is not None:
                if not known.stands_for(stock):
                    _silence(stock)
            elif stock.track is not None:
                self._receivers[kind] = TapReceiver(kind, transceiver, self)
        if self._pulse is None:
            self._pulse = Pulse.of_this_loop()
            self._pulse.add(self._beat)

    def request_keyframe(self) -> None:
        """Ask the sender for a video keyframe with the next beat, at most 0.1 s from now."""
        if (video := self._receivers.get("video")) is not None:
            video.wants_keyframe = True

    def flush(self) -> None:
        """Hand on what still waits, in the kernel or for lost packets: the end is near."""
        self._drain()
        for receiver in self._receivers.values():
            receiver.flush()

    def stop(self) -> None:
        """Take nothing more, from this moment on."""
        self._stopped = True
        if self._pulse is not None:
            self._pulse.remove(self._beat)
        self._note_counters()
        for receiver in self._receivers.values():
            receiver.close()
        for inlet in self._inlets.values():
            if inlet is not None:
                inlet.close()
        self._inlets.clear()

    async def close(self) -> None:
        """Stop, and let go out what was being sent; the connection is its owner's to close."""
        self.stop()
        await asyncio.gather(*self._sending, return_exceptions=True)

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

    def open_inlet(self, transport: RTCDtlsTransport) -> None:
        """A receiver's transport is up: take its packets the short way, if there is one."""
        if transport not in self._inlets:
            mouth = Mouth(route=_route, report=self._take_report, fault=self.count_error)
            self._inlets[transport] = Inlet.open(transport, mouth)

    def forget_routes(self) -> None:
        for inlet in self._inlets.values():
            if inlet is not None:
                inlet.forget_routes()

    def send(self, transport: RTCDtlsTransport, packet: bytes) -> None:
        """Send RTCP with the end of this beat, or the next, together with what else there is."""
        self._outgoing.setdefault(transport, bytearray()).extend(packet)

    @property
    def max_bitrate_bps(self) -> int:
        return self._max_bitrate_bps

    def _beat(self, now: float) -> None:
        self._drain()
        reporting = now >= self._report_at
        if reporting:
            self._report_at = now + REPORT_SECS - 0.05
            self._note_counters()
        for receiver in self._receivers.values():
            try:
                receiver.tick(now, reporting=reporting)
            except Exception as exc:
                self.count_error("Feedback to the sender failed.", exc)
        self._send_all()

    def _send_all(self) -> None:
        """One datagram for each transport; what cannot be sent is said again in time."""
        for transport, compound in self._outgoing.items():
            if (inlet := self._inlets.get(transport)) is not None:
                try:
                    inlet.send(bytes(compound))
                except Exception as exc:
                    self.count_error("Feedback could not be sent.", exc)
                continue
            task = asyncio.ensure_future(_send(transport, bytes(compound)))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        self._outgoing.clear()

    def _drain(self) -> None:
        for inlet in self._inlets.values():
            if inlet is not None:
                try:
                    inlet.drain()
                except Exception as exc:
                    self.count_error("A socket could not be read.", exc)

    def _note_counters(self) -> None:
        receivers = self._receivers.values()
        self.counters.lost_packets = sum(each.lost_packets for each in receivers)
        for inlet in self._inlets.values():
            if inlet is not None:
                self.counters.packets += inlet.packets
                inlet.packets = 0

    def _take_report(self, report: Report, arrived_at: float) -> None:
        for receiver in self._receivers.values():
            receiver.take_report(report, arrived_at)


def _route(receiver: object, payload_type: int, ssrc: int) -> Route | None:
    return receiver.route(payload_type, ssrc) if isinstance(receiver, TapReceiver) else None


def _silence(stock: RTCRtpReceiver) -> None:
    """Let a receiver that is not recorded start nothing: neither a decoder nor its queue."""

    async def receive(parameters: RTCRtpReceiveParameters) -> None:
        """In place of RTCRtpReceiver.receive()."""

    setattr(stock, "receive", receive)  # noqa: B010


async def _send(transport: RTCDtlsTransport, packet: bytes) -> None:
    try:
        await transport._send_rtp(packet)
    except ConnectionError:
        logger.debug("The transport is closed; feedback is not sent.")
