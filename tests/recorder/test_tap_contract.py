"""The private names of aiortc that the tap stands on. Fails first when aiortc changes them."""

import inspect
from importlib.metadata import version

from aiortc import RTCPeerConnection, RTCRtpReceiver, rtp
from aiortc.codecs import depayload, is_rtx
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpsender import RTCRtpSender

from calls.recorder.receiver import TapReceiver


def test_it_runs_on_the_release_that_the_tap_was_tried_with() -> None:
    assert version("aiortc").startswith("1.16.")


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
    assert list(inspect.signature(depayload).parameters) == ["codec", "payload"]
    assert list(inspect.signature(is_rtx).parameters) == ["codec"]
