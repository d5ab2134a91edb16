"""Addresses that a stranger may not make the recorder talk to."""

import pytest

from calls.recorder.candidates import is_private, without_private


def line(address: str) -> str:
    return f"candidate:1 1 udp 2130706431 {address} 50000 typ host"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.9", "172.16.0.1", "169.254.169.254", "0.0.0.0", "::1",
     "fe80::1", "fd00::1", "::ffff:127.0.0.1", "224.0.0.1", "100.64.0.1",
     "7f1c2a80-1111-4222-8333-444455556666.local", "internal.example"],
)  # fmt: skip
def test_it_knows_what_is_private(address: str) -> None:
    assert is_private(line(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_it_lets_public_addresses_pass(address: str) -> None:
    assert not is_private(line(address))


def test_it_drops_what_it_cannot_read() -> None:
    assert is_private("candidate:nonsense")


def test_it_takes_private_candidates_out_of_a_description() -> None:
    sdp = f"v=0\r\nm=audio 9\r\na={line('10.0.0.1')}\r\na={line('8.8.8.8')}\r\na=sendonly\r\n"
    kept, dropped = without_private(sdp)
    assert kept == f"v=0\r\nm=audio 9\r\na={line('8.8.8.8')}\r\na=sendonly\r\n"
    assert dropped == [line("10.0.0.1")]
