"""One RTP source (SSRC) of a connection: its order, its clock, its statistics."""

from collections.abc import Callable, Sequence

from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from calls.archive.segments import Codec, Kind, SenderReport
from calls.recorder.assembly import (
    AssembledFrame,
    FrameAssembler,
    is_keyframe_audio,
    is_keyframe_h264,
    is_keyframe_vp8,
)
from calls.recorder.feedback import Reception
from calls.recorder.rtp import Report, without_vp8_descriptor

VIDEO_PATIENCE_SECS = 1.0
AUDIO_PATIENCE_SECS = 0.2
CODECS: dict[str, Codec] = {"opus": "opus", "vp8": "vp8", "h264": "h264"}
_NTP_TO_UNIX_SECS = 2_208_988_800
_KEYFRAME_TESTS: dict[Codec, Callable[[bytes], bool]] = {
    "opus": is_keyframe_audio,
    "vp8": is_keyframe_vp8,
    "h264": is_keyframe_h264,
}


class Source:
    def __init__(
        self,
        number: int,
        kind: Kind,
        codec: RTCRtpCodecParameters,
        depayload: Callable[[bytes], bytes],
    ) -> None:
        self.number = number
        self.payload_type = codec.payloadType
        self.codec = CODECS[codec.name.lower()]
        self.clock_rate = codec.clockRate
        self.accepts_nack = any(fb.type == "nack" and not fb.parameter for fb in codec.rtcpFeedback)
        self.reception = Reception(base=0, highest=-1)
        self.assembler = FrameAssembler(
            _KEYFRAME_TESTS[self.codec],
            patience_secs=VIDEO_PATIENCE_SECS if kind == "video" else AUDIO_PATIENCE_SECS,
        )
        self.add = self.assembler.add
        self.is_audio = kind == "audio"
        self.depayload = _DEPAYLOADERS.get(self.codec, depayload)
        self.emit: Callable[[Source, Sequence[AssembledFrame]], None] = _nowhere

    def fared(self) -> Reception:
        """What there is to report."""
        self.reception.highest = self.assembler.highest
        return self.reception

    def note_report(self, report: Report, arrived_at: float) -> SenderReport:
        """Return a sender report of this source as a record."""
        self.reception.last_report = (report.ntp_time >> 16) & 0xFFFFFFFF
        self.reception.last_report_at = arrived_at
        return SenderReport(
            kind="audio" if self.is_audio else "video",
            source=self.number,
            rtp_time=self.assembler.unwrap_timestamp(report.rtp_time),
            clock_rate=self.clock_rate,
            ntp_time=report.ntp_time / (1 << 32) - _NTP_TO_UNIX_SECS,
            arrived_at=arrived_at,
        )


class Route:
    """From the packets of one payload type and SSRC to their source."""

    def __init__(self, source: Source, *, resent: bool) -> None:
        self._source = source
        self._resent = resent

    def take(
        self, sequence: int, timestamp: int, marker: bool, payload: bytes, arrived_at: float
    ) -> None:
        """Take a packet; a resent one (RFC 4588 section 4) holds its old number."""
        source = self._source
        if self._resent:
            if len(payload) < 2:
                return
            sequence = payload[0] << 8 | payload[1]
            payload = payload[2:]
        else:
            reception = source.reception
            if not reception.received:
                reception.base = sequence
            reception.received += 1
        if payload:
            payload = source.depayload(payload)
        frames = source.add(sequence, timestamp, marker or source.is_audio, payload, arrived_at)
        if frames:
            source.emit(source, frames)


def _whole(payload: bytes) -> bytes:
    return payload


def _nowhere(source: Source, frames: Sequence[AssembledFrame]) -> None:
    """Until a receiver listens."""


# By far the most packets are of these two; aiortc's way takes five times as long.
_DEPAYLOADERS: dict[Codec, Callable[[bytes], bytes]] = {
    "opus": _whole,
    "vp8": without_vp8_descriptor,
}
