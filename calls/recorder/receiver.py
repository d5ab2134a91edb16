"""One receiver on the DTLS transport: packets in order, frames whole, its sender kept informed.

See tap.py, which puts it in the place of a stock receiver; tried with aiortc 1.16.0.
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
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket, RtpPacket, unwrap_rtx

from calls.archive.segments import Codec, EncodedFrame, Kind, Record, SenderReport
from calls.recorder.assembly import (
    AssembledFrame,
    FrameAssembler,
    is_keyframe_audio,
    is_keyframe_h264,
    is_keyframe_vp8,
)
from calls.recorder.feedback import Feedback, Reception

KEYFRAME_RETRY_SECS = 0.5
VIDEO_PATIENCE_SECS = 1.0
AUDIO_PATIENCE_SECS = 0.2
_NTP_TO_UNIX_SECS = 2_208_988_800
_CODECS: dict[str, Codec] = {"opus": "opus", "vp8": "vp8", "h264": "h264"}
_KEYFRAME_TESTS: dict[Codec, Callable[[bytes], bool]] = {
    "opus": is_keyframe_audio,
    "vp8": is_keyframe_vp8,
    "h264": is_keyframe_h264,
}


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


class _Source:
    """One SSRC: its order, its clock, its statistics."""

    def __init__(self, number: int, kind: Kind, codec: RTCRtpCodecParameters) -> None:
        self.number = number
        self.payload_type = codec.payloadType
        self.codec = _CODECS[codec.name.lower()]
        self.clock_rate = codec.clockRate
        self.accepts_nack = any(fb.type == "nack" and not fb.parameter for fb in codec.rtcpFeedback)
        self.reception = Reception(StreamStatistics(codec.clockRate))
        self.assembler = FrameAssembler(
            _KEYFRAME_TESTS[self.codec],
            patience_secs=VIDEO_PATIENCE_SECS if kind == "video" else AUDIO_PATIENCE_SECS,
        )


class TapReceiver:
    """Stands in for a stock RTCRtpReceiver on the DTLS transport (protocol RtpReceiver there)."""

    def __init__(self, kind: Kind, transceiver: RTCRtpTransceiver, tap: Tap) -> None:
        self._kind = kind
        self._tap = tap
        self._stock: RTCRtpReceiver = transceiver.receiver
        self._feedback = Feedback(lambda: self._transport, ssrc=transceiver.sender._ssrc)
        self._codecs: dict[int, RTCRtpCodecParameters] = {}
        self._rtx_ssrcs: dict[int, int] = {}
        self._sources: dict[int, _Source] = {}
        self._active: int | None = None
        self._registered = False
        self._keyframe_asked_at = 0.0
        self.wants_keyframe = False
        # aiortc calls receive() once the transport is up; nothing else starts a stock receiver.
        setattr(self._stock, "receive", self.receive)  # noqa: B010

    @property
    def _transport(self) -> RTCDtlsTransport:
        return self._stock.transport

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Called by RTCPeerConnection in place of RTCRtpReceiver.receive()."""
        if self._registered:
            return
        self._registered = True
        self._codecs = {
            cast("int", codec.payloadType): codec
            for codec in parameters.codecs
            if is_rtx(codec) or codec.name.lower() in _CODECS
        }
        for encoding in parameters.encodings:
            if encoding.rtx:
                self._rtx_ssrcs[encoding.rtx.ssrc] = encoding.ssrc
        self._transport._register_rtp_receiver(self, parameters)

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
        try:
            if isinstance(packet, RtcpSrPacket):
                self._take_report(packet)
        except Exception as exc:
            self._tap.count_error("A sender report could not be taken.", exc)

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        # An exception that leaves here would lose this packet for ever: each resend raises again.
        try:
            self._tap.counters.packets += 1
            await self._take_packet(packet, time.time())
        except Exception as exc:
            self._tap.count_error("A packet could not be taken.", exc)

    async def _take_packet(self, packet: RtpPacket, now: float) -> None:
        codec = self._codecs.get(packet.payload_type)
        if codec is None:
            return
        if is_rtx(codec):
            original = self._unwrap_rtx(packet, codec)
            if original is None:
                return
            packet = original
            codec = self._codecs[packet.payload_type]
            source = self._source(packet.ssrc, codec)
        else:
            source = self._source(packet.ssrc, codec)
            source.reception.statistics.add(packet)
        had_gap = source.assembler.has_gap
        frames = source.assembler.add(
            sequence=packet.sequence_number,
            timestamp=packet.timestamp,
            marker=bool(packet.marker) or self._kind == "audio",
            payload=depayload(codec, packet.payload) if packet.payload else b"",
            arrived_at=now,
        )
        if frames:
            self._emit(source, frames)
        if source.assembler.has_gap and not had_gap:
            await self._ask_again(packet.ssrc, source)

    def _unwrap_rtx(self, packet: RtpPacket, codec: RTCRtpCodecParameters) -> RtpPacket | None:
        """RFC 4588 section 4: the original packet behind its sequence number."""
        ssrc = self._rtx_ssrcs.get(packet.ssrc)
        payload_type = codec.parameters.get("apt")
        if ssrc is None or payload_type not in self._codecs or len(packet.payload) < 2:
            return None
        return unwrap_rtx(packet, payload_type=cast("int", payload_type), ssrc=ssrc)

    def _source(self, ssrc: int, codec: RTCRtpCodecParameters) -> _Source:
        """The source of an SSRC; a new one when its codec changed, for its frames start anew."""
        source = self._sources.get(ssrc)
        if source is None or source.payload_type != codec.payloadType:
            source = _Source(self._tap.next_source(), self._kind, codec)
            self._sources[ssrc] = source
        self._active = ssrc
        return source

    def _emit(self, source: _Source, frames: Iterable[AssembledFrame]) -> None:
        for frame in frames:
            self._tap.counters.frames += 1
            self._tap.emit(
                EncodedFrame(
                    kind=self._kind,
                    codec=source.codec,
                    data=frame.data,
                    source=source.number,
                    rtp_time=frame.rtp_time,
                    clock_rate=source.clock_rate,
                    keyframe=frame.keyframe,
                    arrived_at=frame.arrived_at,
                )
            )

    def _take_report(self, packet: RtcpSrPacket) -> None:
        source = self._sources.get(packet.ssrc)
        info = packet.sender_info
        if source is None or not info.ntp_timestamp:
            return
        now = time.time()
        source.reception.last_report = (info.ntp_timestamp >> 16) & 0xFFFFFFFF
        source.reception.last_report_at = now
        self._tap.emit(
            SenderReport(
                kind=self._kind,
                source=source.number,
                rtp_time=source.assembler.unwrap_timestamp(info.rtp_timestamp),
                clock_rate=source.clock_rate,
                ntp_time=info.ntp_timestamp / (1 << 32) - _NTP_TO_UNIX_SECS,
                arrived_at=now,
            )
        )

    async def tick(self, now: float, *, reporting: bool) -> None:
        """What is due by time: give up gaps, ask again, want keyframes, report."""
        if not self._registered or self._active is None:
            return
        source = self._sources[self._active]
        self._emit(source, source.assembler.expire(now))
        await self._ask_again(self._active, source)
        if self._kind == "video":
            await self._ask_keyframe(source, now)
            if reporting:
                await self._feedback.estimate(self._active, self._tap.max_bitrate_bps)
        if reporting:
            self._tap.counters.lost_packets = sum(
                each.assembler.lost_packets for each in self._sources.values()
            )
            await self._feedback.reports(
                {ssrc: each.reception for ssrc, each in self._sources.items()}, now
            )

    async def _ask_again(self, ssrc: int, source: "_Source") -> None:
        if source.accepts_nack and (missing := source.assembler.missing()):
            self._tap.counters.nacks_sent += 1
            await self._feedback.nack(ssrc, missing)

    async def _ask_keyframe(self, source: "_Source", now: float) -> None:
        if not (self.wants_keyframe or source.assembler.needs_keyframe):
            return
        if now - self._keyframe_asked_at < KEYFRAME_RETRY_SECS:
            return
        self.wants_keyframe = False
        self._keyframe_asked_at = now
        self._tap.counters.keyframes_requested += 1
        await self._feedback.picture_loss(cast("int", self._active))
