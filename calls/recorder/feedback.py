"""RTCP that a receiver sends: what is missing, what it wants, how it fares.

With receiver.py the only module that uses aiortc's packet classes; tried with aiortc 1.16.0.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    pack_remb_fci,
)

logger = logging.getLogger(__name__)

_LONGEST_DELAY_SECS = 65535


@dataclass(slots=True)
class Reception:
    """What is known of one source, for its receiver report."""

    statistics: StreamStatistics
    last_report: int = 0
    """The middle 32 bits of the NTP time of its latest sender report, 0 before the first."""
    last_report_at: float = 0.0


class Feedback:
    """Speaks to the sender of one stream."""

    def __init__(self, transport: Callable[[], RTCDtlsTransport], *, ssrc: int) -> None:
        self._transport = transport
        self._ssrc = ssrc

    async def nack(self, media_ssrc: int, missing: list[int]) -> None:
        """Ask for packets again (RFC 4585 section 6.2.1)."""
        await self._send(
            RtcpRtpfbPacket(
                fmt=RTCP_RTPFB_NACK, ssrc=self._ssrc, media_ssrc=media_ssrc, lost=missing
            )
        )

    async def picture_loss(self, media_ssrc: int) -> None:
        """Ask for a keyframe (RFC 4585 section 6.3.1)."""
        await self._send(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=self._ssrc, media_ssrc=media_ssrc))

    async def estimate(self, media_ssrc: int, bitrate_bps: int) -> None:
        """Say how much may be sent (draft-alvestrand-rmcat-remb-03)."""
        fci = pack_remb_fci(bitrate_bps, [media_ssrc])
        await self._send(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=self._ssrc, media_ssrc=0, fci=fci))

    async def reports(self, receptions: Mapping[int, Reception], now: float) -> None:
        """Say how the sources arrive (RFC 3550 section 6.4.2); nothing if none has arrived."""
        reports = [
            _report(ssrc, reception, now)
            for ssrc, reception in receptions.items()
            if reception.statistics.max_seq is not None
        ]
        if reports:
            await self._send(RtcpRrPacket(ssrc=self._ssrc, reports=reports))

    async def _send(self, packet: AnyRtcpPacket) -> None:
        try:
            await self._transport()._send_rtp(bytes(packet))
        except ConnectionError:
            logger.debug("The transport is closed; feedback is not sent.")


def _report(ssrc: int, reception: Reception, now: float) -> RtcpReceiverInfo:
    statistics = reception.statistics
    assert statistics.max_seq is not None
    delay_secs = min(now - reception.last_report_at, _LONGEST_DELAY_SECS)
    return RtcpReceiverInfo(
        ssrc=ssrc,
        fraction_lost=statistics.fraction_lost,
        packets_lost=statistics.packets_lost,
        highest_sequence=statistics.max_seq,
        jitter=statistics.jitter,
        lsr=reception.last_report,
        dlsr=int(delay_secs * 65536) if reception.last_report else 0,
    )
