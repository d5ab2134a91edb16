"""What the sender is told of how it arrives."""

from aiortc.rtp import RtcpPacket, RtcpRrPacket

from calls.recorder.feedback import Feedback, Reception


def test_it_reports_that_all_was_lost_while_resent_packets_came() -> None:
    sent: list[bytes] = []
    feedback = Feedback(sent.append, ssrc=1)
    reception = Reception(base=10, highest=10, received=1)
    feedback.reports({2: reception}, 0.0)
    reception.highest = 20
    feedback.reports({2: reception}, 1.0)
    packet = RtcpPacket.parse(sent[-1])[0]
    assert isinstance(packet, RtcpRrPacket)
    assert packet.reports[0].fraction_lost == 255
    assert packet.reports[0].packets_lost == 10
