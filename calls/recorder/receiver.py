"""One receiver on the DTLS transport: packets in order, frames whole, its sender kept informed.

See tap.py, which puts it in the place of a stock receiver; tried with aiortc 1.16.0. Packets come
from the inlet, or, where there is none, from the transport as a stock receiver gets them.
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, cast

from aiortc import RTCRtpReceiver, RTCRtpTransceiver
from aiortc.codecs import depayload, is_rtx
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket, RtpPacket

from calls.archive.segments import EncodedFrame, Kind, Record
from calls.recorder.assembly import AssembledFrame
from calls.recorder.feedback import Feedback
from calls.recorder.rtp import Report
from calls.recorder.source import CODECS, Route, Source

KEYFRAME_RETRY_SECS = 0.5
# A browser has one source a kind, and a new one after a change of codec.
MOST_SOURCES = 16
# Who changes the codec of a source more often records nothing more on it.
MOST_CHANGES = 64
# Said again while it may have been lost: the sender raises its rate at once only in the beginning.
FIRST_ESTIMATES = 5


@dataclass(slots=True)
class TapCounters:
    """What happened on one connection since it began."""

    packets: int = 0
    frames: int = 0
    errors: int = 0
    nacks_sent: int = 0
    keyframes_requested: int = 0
    lost_packets: int = 0


class Tap(Protocol):
    """What a receiver hands its records and faults to."""

    counters: TapCounters

    @property
    def max_bitrate_bps(self) -> int: ...

    def emit(self, record: Record) -> None: ...

    def count_error(self, what: str, error: Exception) -> None: ...

    def next_source(self) -> int: ...

    def open_inlet(self, transport: RTCDtlsTransport) -> None: ...

    def forget_routes(self) -> None: ...

    def send(self, transport: RTCDtlsTransport, packet: bytes) -> None: ...


class TapReceiver:
    """Stands in for a stock RTCRtpReceiver on the DTLS transport (protocol RtpReceiver there)."""

    def __init__(self, kind: Kind, transceiver: RTCRtpTransceiver, tap: Tap) -> None:
        self._kind = kind
        self._tap = tap
        self._stock: RTCRtpReceiver = transceiver.receiver
        self._feedback = Feedback(self._send, ssrc=transceiver.sender._ssrc)
        self._codecs: dict[int, RTCRtpCodecParameters] = {}
        self._rtx_ssrcs: dict[int, int] = {}
        self._sources: dict[int, Source] = {}
        self._active: int | None = None
        self._changes = 0
        self._registered = False
        self._keyframe_asked_at = 0.0
        self._first_estimates = FIRST_ESTIMATES
        self.wants_keyframe = False
        # aiortc calls receive() once the transport is up; nothing else starts a stock receiver.
        setattr(self._stock, "receive", self.receive)  # noqa: B010

    @property
    def _transport(self) -> RTCDtlsTransport:
        return self._stock.transport

    def stands_for(self, stock: RTCRtpReceiver) -> bool:
        return stock is self._stock

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Called by RTCPeerConnection in place of RTCRtpReceiver.receive()."""
        if self._registered:
            return
        self._registered = True
        self._codecs = {
            cast("int", codec.payloadType): codec
            for codec in parameters.codecs
            if is_rtx(codec) or codec.name.lower() in CODECS
        }
        for encoding in parameters.encodings:
            if encoding.rtx:
                self._rtx_ssrcs[encoding.rtx.ssrc] = encoding.ssrc
        self._transport._register_rtp_receiver(self, parameters)
        self._tap.open_inlet(self._transport)

    def flush(self) -> None:
        for source in self._sources.values():
            self._emit(source, source.assembler.expire(math.inf))

    def close(self) -> None:
        if self._registered:
            self._transport._unregister_rtp_receiver(self)
            self._registered = False

    def _handle_disconnect(self) -> None:
        """The transport ended; the connection's owner hears of it by connectionstatechange."""

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            report = Report(packet.ssrc, info.ntp_timestamp, info.rtp_timestamp)
            self.take_report(report, time.time())

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        # An exception that leaves here would lose this packet for ever: each resend raises again.
        try:
            self._tap.counters.packets += 1
            route = self.route(packet.payload_type, packet.ssrc)
            if route is not None:
                route.take(
                    packet.sequence_number,
                    packet.timestamp,
                    bool(packet.marker),
                    packet.payload,
                    time.time(),
                )
        except Exception as exc:
            self._tap.count_error("A packet could not be taken.", exc)

    def route(self, payload_type: int, ssrc: int) -> Route | None:
        """Where the packets of this type and source go; None if nobody wants them."""
        codec = self._codecs.get(payload_type)
        if codec is None:
            return None
        media_ssrc: int | None = ssrc
        if resent := is_rtx(codec):
            media_ssrc = self._rtx_ssrcs.get(ssrc)
            codec = self._codecs.get(cast("int", codec.parameters.get("apt")))
        if codec is None or media_ssrc is None or is_rtx(codec):
            return None
        source = self._source(media_ssrc, codec)
        return None if source is None else Route(source, resent=resent)

    def _source(self, ssrc: int, codec: RTCRtpCodecParameters) -> Source | None:
        """The source of an SSRC; a new one when its codec changed, for its frames start anew."""
        source = self._sources.get(ssrc)
        if source is not None and source.payload_type == codec.payloadType:
            self._active = ssrc
            return source
        if source is None and len(self._sources) >= MOST_SOURCES:
            return None
        if source is not None:
            if self._changes >= MOST_CHANGES:
                return None
            self._changes += 1
            self._emit(source, source.assembler.expire(math.inf))
        self._tap.forget_routes()
        source = Source(self._tap.next_source(), self._kind, codec, self._depayload(codec))
        source.emit = self._emit
        self._sources[ssrc] = source
        self._active = ssrc
        if self._kind == "video":
            self._feedback.estimate(ssrc, self._tap.max_bitrate_bps)
        return source

    def _depayload(self, codec: RTCRtpCodecParameters) -> Callable[[bytes], bytes]:
        return lambda payload: depayload(codec, payload)

    def _emit(self, source: Source, frames: Iterable[AssembledFrame]) -> None:
        tap = self._tap
        for data, rtp_time, keyframe, arrived_at in frames:
            tap.counters.frames += 1
            source.reception.note_transit(arrived_at * source.clock_rate - rtp_time)
            tap.emit(
                EncodedFrame(
                    kind=self._kind,
                    codec=source.codec,
                    data=data,
                    source=source.number,
                    rtp_time=rtp_time,
                    clock_rate=source.clock_rate,
                    keyframe=keyframe,
                    arrived_at=arrived_at,
                )
            )

    def take_report(self, report: Report, arrived_at: float) -> None:
        """Take a sender report, if it is of a source of this receiver."""
        source = self._sources.get(report.ssrc)
        if source is None or not report.ntp_time:
            return
        try:
            self._tap.emit(source.note_report(report, arrived_at))
        except Exception as exc:
            self._tap.count_error("A sender report could not be taken.", exc)

    def tick(self, now: float, *, reporting: bool) -> None:
        """What is due by time: give up gaps, ask again, want keyframes, report."""
        if not self._registered or self._active is None:
            return
        for ssrc, source in self._sources.items():
            if source.assembler.has_gap:
                self._emit(source, source.assembler.expire(now))
                self._ask_again(ssrc, source)
        if self._kind == "video":
            self._ask_keyframe(self._sources[self._active], now)
            if reporting or self._first_estimates:
                self._first_estimates = max(0, self._first_estimates - 1)
                self._feedback.estimate(self._active, self._tap.max_bitrate_bps)
        if reporting:
            self._feedback.reports({s: each.fared() for s, each in self._sources.items()}, now)

    @property
    def lost_packets(self) -> int:
        return sum(each.assembler.lost_packets for each in self._sources.values())

    def _ask_again(self, ssrc: int, source: Source) -> None:
        if source.accepts_nack and (missing := source.assembler.missing()):
            self._tap.counters.nacks_sent += 1
            self._feedback.nack(ssrc, missing)

    def _ask_keyframe(self, source: Source, now: float) -> None:
        if not (self.wants_keyframe or source.assembler.needs_keyframe):
            return
        if now - self._keyframe_asked_at < KEYFRAME_RETRY_SECS:
            return
        self.wants_keyframe = False
        self._keyframe_asked_at = now
        self._tap.counters.keyframes_requested += 1
        self._feedback.picture_loss(cast("int", self._active))

    def _send(self, packet: bytes) -> None:
        self._tap.send(self._transport, packet)
