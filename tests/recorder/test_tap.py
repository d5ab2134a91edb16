"""Encoded frames out of real connections: whole, in order, with their clocks, through loss."""

import itertools
from collections.abc import AsyncIterator

import av
import pytest
from aiortc import RTCPeerConnection
from aiortc.rtp import RTCP_PSFB_APP, AnyRtcpPacket, RtcpPsfbPacket, unpack_remb_fci
from av.packet import Packet

from calls.archive.segments import EncodedFrame, Record, SenderReport
from calls.recorder.timeline import TrackClock
from tests.recorder.peers import (
    HEIGHT,
    WIDTH,
    PictureTrack,
    ToneTrack,
    connect_sender,
    frames,
    local_configuration,
    until,
)


@pytest.fixture
async def sender() -> AsyncIterator[RTCPeerConnection]:
    connection = RTCPeerConnection(local_configuration())
    connection.addTrack(ToneTrack())
    connection.addTrack(PictureTrack())
    yield connection
    await connection.close()


def decode_all(video: list[EncodedFrame]) -> int:
    decoder = av.CodecContext.create("vp8", "r")
    pictures = [picture for frame in video for picture in decoder.decode(Packet(frame.data))]
    assert all((picture.width, picture.height) == (WIDTH, HEIGHT) for picture in pictures)
    return len(pictures)


async def test_it_yields_every_frame_as_it_was_sent(sender: RTCPeerConnection) -> None:
    records: list[Record] = []
    receiver, tap = await connect_sender(sender, records.append)
    await until(lambda: len(frames(records, "video")) >= 60)
    await tap.close()
    await receiver.close()
    video, audio = frames(records, "video"), frames(records, "audio")
    assert video[0].keyframe
    assert (video[0].codec, video[0].clock_rate) == ("vp8", 90000)
    assert (audio[0].codec, audio[0].clock_rate) == ("opus", 48000)
    assert decode_all(video) == len(video)
    assert {b.rtp_time - a.rtp_time for a, b in itertools.pairwise(audio)} == {960}
    assert tap.counters.errors == 0


async def test_it_ties_sound_and_picture_to_one_clock(sender: RTCPeerConnection) -> None:
    records: list[Record] = []
    receiver, tap = await connect_sender(sender, records.append)
    await until(
        lambda: {r.kind for r in records if isinstance(r, SenderReport)} == {"audio", "video"}
    )
    await tap.close()
    await receiver.close()
    clock = TrackClock()
    clock.learn(records)
    lines = clock.lines()
    for kind in ("audio", "video"):
        late = [f.arrived_at - lines[f.source].at(f.rtp_time) for f in frames(records, kind)]
        # Another clock would be hours away; a busy machine is late by less.
        assert -0.001 <= min(late) < 5


async def test_it_asks_for_lost_packets_until_they_come(
    sender: RTCPeerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Record] = []
    receiver, tap = await connect_sender(sender, records.append)
    transport = sender.getSenders()[1].transport
    send, numbers = transport._send_rtp, itertools.count(1)

    async def lossy(data: bytes) -> None:
        if data[1] & 0x7F < 64 or next(numbers) % 7:
            await send(data)

    await until(lambda: len(frames(records, "video")) >= 5)
    monkeypatch.setattr(transport, "_send_rtp", lossy)
    await until(lambda: tap.counters.nacks_sent >= 3 and len(frames(records, "video")) >= 100)
    await tap.close()
    await receiver.close()
    video = frames(records, "video")
    assert all(2990 <= b.rtp_time - a.rtp_time <= 3010 for a, b in itertools.pairwise(video))
    assert decode_all(video) == len(video)


async def test_it_starts_again_with_a_keyframe_when_a_packet_never_comes(
    sender: RTCPeerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Record] = []
    receiver, tap = await connect_sender(sender, records.append)
    # The first REMB makes aiortc's encoder begin anew, with a keyframe of its own.
    await until(lambda: sum(f.keyframe for f in frames(records, "video")) >= 2)
    video_sender = sender.getSenders()[1]

    async def never(sequence_number: int) -> None:
        """As if each resend were lost too."""

    monkeypatch.setattr(video_sender, "_retransmit", never)
    send = video_sender.transport._send_rtp
    lost: list[bytes] = []

    async def lose_one(data: bytes) -> None:
        if data[1] & 0x7F == 97 and not lost:
            lost.append(data)
        else:
            await send(data)

    monkeypatch.setattr(video_sender.transport, "_send_rtp", lose_one)
    before = len(frames(records, "video"))
    await until(lambda: tap.counters.keyframes_requested >= 1)
    await until(lambda: any(f.keyframe for f in frames(records, "video")[before:]))
    await tap.close()
    await receiver.close()
    assert decode_all(frames(records, "video")) == len(frames(records, "video"))


async def test_it_survives_a_sink_that_raises(
    sender: RTCPeerConnection, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[Record] = []

    def sink(record: Record) -> None:
        calls.append(record)
        if len(calls) % 2:
            raise RuntimeError("no room")

    receiver, tap = await connect_sender(sender, sink)
    await until(lambda: len(calls) >= 40)
    await tap.close()
    await receiver.close()
    assert tap.counters.errors >= 20
    assert "The sink refused a record." in caplog.text


async def test_it_gets_a_keyframe_when_it_asks(sender: RTCPeerConnection) -> None:
    records: list[Record] = []
    receiver, tap = await connect_sender(sender, records.append)
    await until(lambda: len(frames(records, "video")) >= 10)
    before = len(records)
    tap.request_keyframe()
    await until(lambda: any(f.keyframe for f in frames(records[before:], "video")))
    await tap.close()
    await receiver.close()


async def test_it_says_how_much_may_be_sent_with_the_first_packets(
    sender: RTCPeerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    records: list[Record] = []
    picture = sender.getSenders()[1]
    handle = picture._handle_rtcp_packet

    async def listening(packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            told.append((unpack_remb_fci(packet.fci)[0], len(frames(records, "video"))))
        await handle(packet)

    monkeypatch.setattr(picture, "_handle_rtcp_packet", listening)
    receiver, tap = await connect_sender(sender, records.append)
    await until(lambda: len(told) >= 4)
    await tap.close()
    await receiver.close()
    bitrates, frames_before = zip(*told, strict=True)
    assert all(abs(bitrate - 1_500_000) < 10_000 for bitrate in bitrates)
    # Of thirty pictures a second: within the first, when a Chromium still believes it at once.
    assert frames_before[0] < 30


async def test_it_takes_nothing_after_it_was_closed(
    sender: RTCPeerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Record] = []
    receiver, tap = await connect_sender(sender, records.append)
    await until(lambda: len(frames(records, "video")) >= 5)
    await tap.close()
    count = len(records)
    packets = tap.counters.packets
    sent: list[int] = []
    transport = sender.getSenders()[1].transport
    send = transport._send_rtp

    async def counted(data: bytes) -> None:
        await send(data)
        sent.append(len(data))

    monkeypatch.setattr(transport, "_send_rtp", counted)
    await until(lambda: len(sent) >= 20)
    await receiver.close()
    assert (len(records), tap.counters.packets) == (count, packets)
