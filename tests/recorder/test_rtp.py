"""Packets read as bytes, and what a source makes of them."""

import struct

import pytest
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpCodecParameters
from aiortc.rtp import (
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    RtpPacket,
)

from calls.recorder.assembly import AssembledFrame
from calls.recorder.feedback import Reception
from calls.recorder.rtp import Report, payload_bounds, sender_reports, without_vp8_descriptor
from calls.recorder.source import Route, Source

KEY = b"\x10\x00\x00\x9d\x01\x2a" + b"k" * 10
DELTA = b"\x11" + b"d" * 10
VP8 = RTCRtpCodecParameters(
    mimeType="video/VP8",
    clockRate=90000,
    payloadType=96,
    rtcpFeedback=[RTCRtcpFeedback(type="nack"), RTCRtcpFeedback(type="nack", parameter="pli")],
)


def test_it_finds_the_payload_whatever_stands_around_it() -> None:
    fixed = struct.pack("!BHII", 96, 1, 2, 3)
    extension = struct.pack("!HH", 0xBEDE, 1) + b"ext."
    for packet, payload in (
        (b"\x80" + fixed + b"frame", b"frame"),
        (b"\x90" + fixed + extension + b"frame", b"frame"),
        (b"\x92" + fixed + b"12345678" + extension + b"frame", b"frame"),
        (b"\xa0" + fixed + b"frame\x00\x00\x03", b"frame"),
        (b"\xa0" + fixed + b"\x00\x00\x00\x04", b""),
        (b"\xa0" + fixed + b"f\xff", b""),
        (b"\x90" + fixed + b"\xbe\xde\xff\xff", b""),
        (b"\x8f" + fixed, b""),
        (b"\x80" + fixed, b""),
    ):
        memory = b"before" + packet + bytes(8)
        at, end = payload_bounds(memory, 6, 6 + len(packet))
        assert memory[at:end] == payload


def test_it_takes_every_descriptor_off_a_picture() -> None:
    for descriptor in (
        b"\x10",
        b"\x90\x80\x05",
        b"\x90\x80\x85\x06",
        b"\x90\xc0\x85\x06\x07",
        b"\x90\xe0\x85\x06\x07\x40",
        b"\x90\x20\x40",
        b"\x90\x40\x01",
    ):
        assert without_vp8_descriptor(descriptor + b"picture") == b"picture"
    with pytest.raises(IndexError):
        without_vp8_descriptor(b"\x90")


def test_it_finds_the_sender_reports_among_others() -> None:
    info = RtcpSenderInfo(ntp_timestamp=7 << 32, rtp_timestamp=9, packet_count=1, octet_count=2)
    block = RtcpReceiverInfo(1, 0, 0, 0, 0, 0, 0)
    compound = bytes(RtcpRrPacket(ssrc=4, reports=[block])) + bytes(
        RtcpSrPacket(ssrc=5, sender_info=info, reports=[block])
    )
    assert list(sender_reports(compound)) == [Report(5, 7 << 32, 9)]
    assert list(sender_reports(compound[:-8])) == []
    assert list(sender_reports(b"\x80\xc8\x00\x00")) == []
    assert list(sender_reports(b"\x00" * 12)) == []


def packet(sequence: int, payload: bytes, *, frame: int, last: bool = True) -> RtpPacket:
    made = RtpPacket(96, int(last), sequence, 3000 * frame, 5)
    made.payload = b"\x10" + payload
    return made


class Listener:
    """A source whose frames are kept."""

    def __init__(self) -> None:
        self.source = Source(1, "video", VP8, lambda payload: payload)
        self.source.emit = lambda source, frames: self.frames.extend(frames)
        self.frames: list[AssembledFrame] = []
        self.route = Route(self.source, resent=False)
        self.resent = Route(self.source, resent=True)

    def hear(self, route: Route, made: RtpPacket, at: float) -> None:
        route.take(made.sequence_number, made.timestamp, bool(made.marker), made.payload, at)


def test_it_puts_what_is_resent_in_its_place() -> None:
    listener = Listener()
    assert listener.source.accepts_nack
    listener.hear(listener.route, packet(100, KEY, frame=0), 1.0)
    listener.hear(listener.route, packet(102, DELTA, frame=2), 1.1)
    assert listener.source.assembler.missing() == [101]
    again = packet(7, b"", frame=1)
    again.payload = struct.pack("!H", 101) + b"\x10" + DELTA
    listener.hear(listener.resent, again, 1.2)
    again.payload = b"\x01"
    listener.hear(listener.resent, again, 1.2)
    assert [frame.rtp_time for frame in listener.frames] == [0, 3000, 6000]
    reception = listener.source.fared()
    assert (reception.expected, reception.received, reception.fraction_lost()) == (3, 2, 85)


def test_it_reports_loss_since_the_last_report_only() -> None:
    reception = Reception(base=65530, highest=65539, received=5)
    assert reception.fraction_lost() == 128
    reception.highest, reception.received = 65549, 15
    assert reception.fraction_lost() == 0
    assert reception.expected == 20


def test_it_goes_on_through_a_change_of_size() -> None:
    """Sizes change with a keyframe; the stream and its clock go on."""
    listener = Listener()
    small = KEY[:6] + struct.pack("<HH", 320, 240)
    for number, data in enumerate((KEY, DELTA, small, DELTA)):
        listener.hear(listener.route, packet(number, data, frame=number), number / 30)
    assert [frame.keyframe for frame in listener.frames] == [True, False, True, False]
    assert [frame.rtp_time for frame in listener.frames] == [0, 3000, 6000, 9000]


def test_it_drops_a_frame_without_end() -> None:
    listener = Listener()
    listener.hear(listener.route, packet(0, KEY, frame=0), 0.0)
    for number in range(1, 3000):
        listener.hear(listener.route, packet(number, DELTA, frame=1, last=False), 0.0)
    assert len(listener.source.assembler._begun) <= 2049
    assert listener.source.assembler.needs_keyframe
