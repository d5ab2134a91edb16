"""RTP and RTCP as bytes, as little of them as a recorder needs; no sockets, no aiortc. Pure."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

HEAD = struct.Struct("!BBHIIHH")
"""RFC 3550 section 5.1: the fixed header, then, if it has one, the extension's profile and size."""
FIXED_BYTES = 12

FIRST_RTCP, LAST_RTCP = 192, 223
"""RFC 5761 section 4: what the second byte of an RTCP packet is between."""

_RTCP_HEAD = struct.Struct("!BBH")
_SENDER_INFO = struct.Struct("!IQI")
_SENDER_REPORT = 200


class Report(NamedTuple):
    """RFC 3550 section 6.4.1: at ntp_time (32.32 bits) the clock of ssrc showed rtp_time."""

    ssrc: int
    ntp_time: int
    rtp_time: int


def payload_bounds(packet: bytes | bytearray, start: int, end: int) -> tuple[int, int]:
    """Where the payload of the RTP packet in packet[start:end] begins and ends.

    Returns equal bounds for a packet that holds no payload or is not one.
    """
    first = packet[start]
    at = start + FIXED_BYTES + 4 * (first & 0x0F)
    if first & 0x10 and at + 4 <= end:
        at += 4 + 4 * (packet[at + 2] << 8 | packet[at + 3])
    if first & 0x20 and end > at:
        end -= packet[end - 1]
    return (at, end) if at < end else (start, start)


def without_vp8_descriptor(payload: bytes) -> bytes:
    """Return the part of a VP8 frame behind its descriptor (RFC 7741 section 4.2).

    Raises IndexError if the descriptor is cut short.
    """
    at = 1
    if payload[0] & 0x80:
        extensions = payload[1]
        at = 2
        if extensions & 0x80:
            at = 4 if payload[2] & 0x80 else 3
        if extensions & 0x40:
            at += 1
        if extensions & 0x30:
            at += 1
    return payload[at:]


def sender_reports(compound: bytes) -> Iterator[Report]:
    """Yield the sender reports of an RTCP datagram; stops where it makes no sense."""
    at = 0
    while at + _RTCP_HEAD.size <= len(compound):
        first, kind, words = _RTCP_HEAD.unpack_from(compound, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > len(compound):
            return
        if kind == _SENDER_REPORT and end - at >= _RTCP_HEAD.size + _SENDER_INFO.size:
            yield Report(*_SENDER_INFO.unpack_from(compound, at + 4))
        at = end
