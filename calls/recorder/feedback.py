"""RTCP that a receiver sends: what is missing, what it wants, how it fares.

Uses aiortc's packet classes; tried with aiortc 1.16.0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    clamp_packets_lost,
    pack_remb_fci,
)

_LONGEST_DELAY_SECS = 65535


@dataclass(slots=True)
class Reception:
    """What is known of one source, for its receiver report (RFC 3550 section 6.4.1)."""

    base: int
    """The number of its first packet."""
    highest: int
    """The number of its latest; it counts on where the sequence numbers wrap."""
    received: int = 0
    jitter: float = 0.0
    last_report: int = 0
    """The middle 32 bits of the NTP time of its latest sender report, 0 before the first."""
    last_report_at: float = 0.0
    _expected_before: int = 0
    _received_before: int = 0
    _transit: float | None = None

    def note_transit(self, transit: float) -> None:
        """Take a frame's time of arrival less its timestamp, in units of its clock (A.8)."""
        if self._transit is not None:
            self.jitter += (abs(transit - self._transit) - self.jitter) / 16
        self._transit = transit

    @property
    def expected(self) -> int:
        return self.highest - self.base + 1

    def fraction_lost(self) -> int:
        """How many of 256 were lost since this was last asked (A.3)."""
        expected = self.expected - self._expected_before
        lost = expected - (self.received - self._received_before)
        self._expected_before, self._received_before = self.expected, self.received
        # All of them is one more than fits (A.3): resent packets raise what is expected alone.
        return min(255, (lost << 8) // expected) if expected > 0 and lost > 0 else 0


class Feedback:
    """Speaks to the sender of one stream."""

    def __init__(self, send: Callable[[bytes], None], *, ssrc: int) -> None:
        self._send = send
        self._ssrc = ssrc

    def nack(self, media_ssrc: int, missing: list[int]) -> None:
        """Ask for packets again (RFC 4585 section 6.2.1)."""
        packet = RtcpRtpfbPacket(
            fmt=RTCP_RTPFB_NACK, ssrc=self._ssrc, media_ssrc=media_ssrc, lost=missing
        )
        self._send(bytes(packet))

    def picture_loss(self, media_ssrc: int) -> None:
        """Ask for a keyframe (RFC 4585 section 6.3.1)."""
        packet = RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=self._ssrc, media_ssrc=media_ssrc)
        self._send(bytes(packet))

    def estimate(self, media_ssrc: int, bitrate_bps: int) -> None:
        """Say how much may be sent (draft-alvestrand-rmcat-remb-03)."""
        fci = pack_remb_fci(bitrate_bps, [media_ssrc])
        packet = RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=self._ssrc, media_ssrc=0, fci=fci)
        self._send(bytes(packet))

    def reports(self, receptions: Mapping[int, Reception], now: float) -> None:
        """Say how the sources arrive (RFC 3550 section 6.4.2); nothing if none has arrived."""
        reports = [
            _report(ssrc, reception, now)
            for ssrc, reception in receptions.items()
            if reception.received
        ]
        if reports:
            self._send(bytes(RtcpRrPacket(ssrc=self._ssrc, reports=reports)))


def _report(ssrc: int, reception: Reception, now: float) -> RtcpReceiverInfo:
    delay_secs = max(0.0, min(now - reception.last_report_at, _LONGEST_DELAY_SECS))
    return RtcpReceiverInfo(
        ssrc=ssrc,
        fraction_lost=reception.fraction_lost(),
        packets_lost=clamp_packets_lost(reception.expected - reception.received),
        highest_sequence=reception.highest & 0xFFFFFFFF,
        jitter=min(int(reception.jitter), 0xFFFFFFFF),
        lsr=reception.last_report,
        dlsr=int(delay_secs * 65536) if reception.last_report else 0,
    )
