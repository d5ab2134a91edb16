"""The short way in: the same records, sockets off the event loop, and back where it must."""

import asyncio
import itertools
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import av
import pytest
from aiortc import RTCPeerConnection
from aiortc.rtcdtlstransport import RTCDtlsTransport
from av.packet import Packet

from calls.archive.segments import Record
from calls.recorder import inlet
from calls.recorder.datagrams import SLOT_BYTES, SLOTS, Datagrams
from calls.recorder.inlet import Inlet
from tests.recorder.peers import (
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


def transport_of(receiver: RTCPeerConnection) -> RTCDtlsTransport:
    return receiver.getTransceivers()[0].receiver.transport


async def test_it_reads_the_socket_itself_and_still_answers_the_sender(
    sender: RTCPeerConnection,
) -> None:
    records: list[Record] = []
    receiver, tap = await connect_sender(sender, records.append)
    await until(lambda: len(frames(records, "video")) >= 20)
    (only,) = tap._inlets.values()
    assert only is not None
    (protocol,) = only._drained
    loop: Any = asyncio.get_running_loop()
    assert protocol.transport._sock_fd not in loop._selector.get_map()
    # What is not media still reaches aioice: the connectivity checks that keep it alive.
    nominated = sender.getSenders()[0].transport.transport._connection
    pair = nominated._nominated[1]
    request = nominated.build_request(pair, nominate=False)
    key = (nominated.remote_password or "").encode()
    answer, _ = await pair.protocol.request(request, pair.remote_addr, integrity_key=key)
    assert answer.message_class.name == "RESPONSE"
    await tap.close()
    assert protocol.transport._sock_fd in loop._selector.get_map()
    await receiver.close()
    assert tap.counters.errors == 0
    assert only.refused == 0


async def test_it_goes_aiortcs_way_where_a_name_is_missing(
    sender: RTCPeerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise AttributeError("'Connection' object has no attribute '_protocols'")

    monkeypatch.setattr(inlet, "_room", missing)
    records: list[Record] = []
    receiver, tap = await connect_sender(sender, records.append)
    tap.request_keyframe()
    await until(lambda: len(frames(records, "video")) >= 30 and tap.counters.packets > 60)
    assert list(tap._inlets.values()) == [None]
    await tap.close()
    await receiver.close()
    decoder = av.CodecContext.create("vp8", "r")
    video = frames(records, "video")
    assert sum(len(decoder.decode(Packet(frame.data))) for frame in video) == len(video)
    assert {b.rtp_time - a.rtp_time for a, b in itertools.pairwise(frames(records, "audio"))} == {
        960
    }


async def test_it_is_not_put_out_by_what_strangers_send(sender: RTCPeerConnection) -> None:
    records: list[Record] = []
    receiver, tap = await connect_sender(sender, records.append)
    await until(lambda: len(frames(records, "video")) >= 10)
    (only,) = tap._inlets.values()
    assert only is not None
    (taken,) = only._drained.values()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for junk in (
            b"\x80",
            b"\x90\xe0" + bytes(60),
            b"\x80\xc8" + bytes(40),
            b"\x00",
            b"\xff" * 9,
        ):
            stranger.sendto(junk, taken.getsockname())
        stranger.sendto(b"\x80" * 2000, taken.getsockname())
    before = len(frames(records, "video"))
    await until(lambda: only.refused >= 3 and len(frames(records, "video")) >= before + 10)
    await tap.close()
    await receiver.close()
    assert tap.counters.errors == 0


async def test_it_starts_no_decoder_for_what_is_not_recorded(sender: RTCPeerConnection) -> None:
    sender.addTrack(PictureTrack())
    records: list[Record] = []
    receiver, tap = await connect_sender(sender, records.append)
    await until(lambda: len(frames(records, "video")) >= 10)
    stock = [each.receiver for each in receiver.getTransceivers()]
    assert len(stock) == 3
    assert all(vars(each)["_RTCRtpReceiver__decoder_thread"] is None for each in stock)
    await tap.close()
    await receiver.close()
    assert {frame.source for frame in frames(records, "video")} == {
        frames(records, "video")[0].source
    }


def test_it_reads_many_datagrams_at_once_with_their_times() -> None:
    room = Datagrams()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth,
    ):
        ear.bind(("127.0.0.1", 0))
        mouth.bind(("127.0.0.1", 0))
        mouth.sendto(b"before", ear.getsockname())
        assert room.read(ear.fileno()) == 1
        room.clear(1)
        Datagrams.stamp(ear)
        begun = time.time()
        for number in range(SLOTS + 3):
            mouth.sendto(b"x" * (number + 1), ear.getsockname())
        ended = time.time()
        assert room.read(ear.fileno()) == SLOTS
        arrivals = room.arrivals(SLOTS)
        assert [length for _, length, _ in arrivals] == list(range(1, SLOTS + 1))
        assert [start for start, _, _ in arrivals][:2] == [0, SLOT_BYTES]
        assert all(begun - 0.001 <= at <= ended + 0.001 for _, _, at in arrivals)
        assert room.sender(SLOTS - 1) == mouth.getsockname()
        room.clear(SLOTS)
        assert room.read(ear.fileno()) == 3
        room.clear(3)
        assert room.read(ear.fileno()) == 0


def test_it_reads_who_sent_over_ipv6() -> None:
    room = Datagrams()
    with (
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as ear,
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as mouth,
    ):
        ear.bind(("::1", 0))
        mouth.bind(("::1", 0))
        mouth.sendto(b"hello", ear.getsockname())
        assert room.read(ear.fileno()) == 1
        assert room.sender(0) == mouth.getsockname()[:2]


def test_it_says_which_errors_a_socket_has() -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        Datagrams().read(-1)


def test_it_opens_nothing_on_a_transport_that_is_not_up() -> None:
    assert Inlet.open(object(), None) is None  # type: ignore[arg-type]
