"""The private names that the tap stands on. Fails first when a release changes them."""

import asyncio
import inspect
import socket
from asyncio import selector_events
from importlib.metadata import version

import aioice
import pylibsrtp
from aioice.ice import CandidatePair, StunProtocol
from aiortc import RTCPeerConnection, RTCRtpReceiver, rtp
from aiortc.codecs import depayload, is_rtx
from aiortc.rtcdtlstransport import RTCDtlsTransport, RtpRouter
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtcrtpsender import RTCRtpSender

from calls.recorder.datagrams import is_supported
from calls.recorder.receiver import TapReceiver


def test_it_runs_on_the_releases_that_the_tap_was_tried_with() -> None:
    assert version("aiortc").startswith("1.16.")
    assert version("aioice").startswith("0.13.")
    assert version("pylibsrtp").startswith("1.0.")


def test_it_finds_receive_called_by_the_connection_and_nothing_started_before() -> None:
    source = inspect.getsource(RTCPeerConnection)
    assert "transceiver.receiver.receive(" in source
    assert "__started = False" in inspect.getsource(RTCRtpReceiver.__init__)
    assert "if self.__started:" in inspect.getsource(RTCRtpReceiver.stop)
    assert list(inspect.signature(RTCRtpReceiver.receive).parameters) == ["self", "parameters"]


def test_it_finds_the_transport_that_receivers_register_on() -> None:
    register = inspect.signature(RTCDtlsTransport._register_rtp_receiver)
    assert list(register.parameters) == ["self", "receiver", "parameters"]
    assert inspect.signature(RTCDtlsTransport._unregister_rtp_receiver)
    assert inspect.iscoroutinefunction(RTCDtlsTransport._send_rtp)
    assert isinstance(vars(RTCRtpReceiver)["transport"], property)
    assert "self._ssrc = " in inspect.getsource(RTCRtpSender.__init__)


def test_it_hands_packets_to_the_same_three_methods_as_a_stock_receiver() -> None:
    for name in ("_handle_disconnect", "_handle_rtcp_packet", "_handle_rtp_packet"):
        ours = inspect.signature(getattr(TapReceiver, name))
        stock = inspect.signature(getattr(RTCRtpReceiver, name))
        assert list(ours.parameters) == list(stock.parameters)
        assert f".{name}(" in inspect.getsource(RTCDtlsTransport)


def test_it_finds_the_packets_and_helpers_as_they_were() -> None:
    fields = {"payload_type", "marker", "sequence_number", "timestamp", "ssrc", "payload"}
    assert fields <= set(vars(rtp.RtpPacket()))
    assert {"fmt", "ssrc", "media_ssrc", "lost"} == set(rtp.RtcpRtpfbPacket.__dataclass_fields__)
    assert {"fmt", "ssrc", "media_ssrc", "fci"} == set(rtp.RtcpPsfbPacket.__dataclass_fields__)
    assert {"ntp_timestamp", "rtp_timestamp"} <= set(rtp.RtcpSenderInfo.__dataclass_fields__)
    assert rtp.unpack_remb_fci(rtp.pack_remb_fci(600_000, [7])) == (600_000, [7])
    assert rtp.clamp_packets_lost(1 << 30) == (1 << 23) - 1
    assert list(inspect.signature(depayload).parameters) == ["codec", "payload"]
    assert list(inspect.signature(is_rtx).parameters) == ["codec"]


def test_it_finds_the_way_from_the_transport_down_to_the_sockets() -> None:
    transport = inspect.getsource(RTCDtlsTransport)
    for name in ("_rtp_router", "_rx_srtp", "_tx_srtp"):
        assert f"self.{name} = " in transport or f"self.{name}: " in transport
    assert "self._connection = " in inspect.getsource(RTCIceTransport.__init__)
    connection = inspect.getsource(aioice.Connection.__init__)
    assert "self._protocols: list[StunProtocol]" in connection
    assert "self._nominated: dict[int, CandidatePair]" in connection
    assert list(inspect.signature(StunProtocol.datagram_received).parameters) == [
        "self",
        "data",
        "addr",
    ]
    assert isinstance(vars(CandidatePair)["remote_addr"], property)
    assert "return hash(" not in inspect.getsource(StunProtocol)


def test_it_finds_the_router_that_looks_at_two_fields() -> None:
    source = inspect.getsource(RtpRouter.route_rtp)
    assert "packet.ssrc" in source
    assert "packet.payload_type" in source
    assert source.count("packet.") == 3  # the SSRC twice


def test_it_finds_a_datagram_transport_that_can_be_read_by_others() -> None:
    module = vars(selector_events)
    source = inspect.getsource(module["_SelectorDatagramTransport"])
    parent = inspect.getsource(module["_SelectorTransport"])
    assert "self._protocol.datagram_received(data, addr)" in source
    assert "def _read_ready(self)" in source
    assert "self._sock = sock" in parent
    # A socket that nobody watches any more may be closed like another.
    assert "self._loop._remove_reader(self._sock_fd)" in parent
    loop = asyncio.SelectorEventLoop()
    try:
        assert all(hasattr(loop, name) for name in ("_add_reader", "_remove_reader"))
    finally:
        loop.close()


def test_it_finds_libsrtp_behind_its_sessions() -> None:
    policy = pylibsrtp.Policy(key=bytes(30), ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    sender = pylibsrtp.Session(policy)
    policy = pylibsrtp.Policy(key=bytes(30), ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND)
    receiver = pylibsrtp.Session(policy)
    ffi, lib = pylibsrtp.ffi, pylibsrtp.lib  # type: ignore[attr-defined]
    packet = bytes([0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]) + b"a frame"
    memory = bytearray(sender.protect(packet))
    length = ffi.new("int *", len(memory))
    assert lib.srtp_unprotect(receiver._srtp[0], ffi.from_buffer(memory), length) == 0
    assert bytes(memory[: length[0]]) == packet


def test_it_finds_this_system_able_to_read_many_datagrams_at_once() -> None:
    assert is_supported()
    assert hasattr(socket, "SO_RCVBUF")
