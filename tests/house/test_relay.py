"""A real coturn with the deployment's configuration: whom it lets in, and to whom it relays."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Address, ip_network

import pytest

from calls.ice import IceServer, ice_servers
from tests.support.relay import SECRET, Relay
from tests.support.servers import free_port, wait_for
from tests.support.turn import FORBIDDEN, QUOTA_REACHED, UNAUTHORIZED, Refused, TurnClient, answers

# IANA's registries of special-purpose addresses, IPv4 and IPv6, and multicast.
SPECIAL = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "169.254.169.254/32", "255.255.255.255/32",
    "::/128", "::1/128", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96",
    "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32", "2001:2::/48",
    "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128",
]  # fmt: skip


@pytest.fixture(scope="module")
def relay_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port = free_port()
    options = [
        "--listening-ip=127.0.0.1", f"--listening-port={port}", "--relay-ip=127.0.0.1",
        "--relay-ip=::1", "--no-tls", "--no-dtls",
        # A freed port rests for a while, and there is a test for each range.
        "--max-port=49999",
    ]  # fmt: skip
    relay = Relay(tmp_path_factory.mktemp("coturn"), options)
    relay.start()
    # It says that its server is there a moment before that listens.
    wait_for(lambda: answers(port), "coturn answers")
    yield port
    relay.stop()


def credentials(leg: str, *, minutes: int = 10, secret: str = SECRET) -> IceServer:
    [server] = ice_servers(
        leg=leg,
        expires_at=datetime.now(UTC) + timedelta(minutes=minutes),
        stun_urls=[],
        turn_urls=["turn:127.0.0.1"],
        turn_secret=secret,
    )
    return server


def outcome(relay: TurnClient, peer: str) -> set[int]:
    """What the relay says to each of the two ways to ask for `peer`: error numbers, 0 for yes."""
    codes = set()
    for ask in (relay.permit, relay.bind):
        try:
            ask(peer)
            codes.add(0)
        except Refused as refused:
            codes.add(refused.code)
    return codes


def samples(network: str) -> list[str]:
    """The ends of a network and addresses inside it; of IPv4 also as IPv6 says it (mapped)."""
    whole = ip_network(network)
    step = max(1, whole.num_addresses // 5)
    found = {whole[n] for n in range(0, whole.num_addresses, step)} | {whole[-1]}
    plain = [str(address) for address in found]
    if isinstance(whole, IPv4Network):
        plain += [str(IPv6Address(0xFFFF << 32 | int(address))) for address in found]
    return sorted(plain)


@pytest.mark.parametrize("network", SPECIAL)
def test_it_relays_to_no_special_address(relay_port: int, network: str) -> None:
    peers = samples(network)
    wrong = {}
    for family in (4, 6):
        with TurnClient(relay_port, credentials(network), family=family) as relay:
            for peer in peers:
                if (6 if ":" in peer else 4) == family:
                    wrong[peer] = outcome(relay, peer) - {FORBIDDEN}
    assert {peer: codes for peer, codes in wrong.items() if codes} == {}


@pytest.mark.parametrize(
    "peer",
    ["8.8.8.8", "1.1.1.1", "223.255.255.254", "172.30.77.10", "172.30.77.11",
     "2606:4700::1111", "2a00:1450::1", "2003::1", "2400::1", "2620:4e::1"],
)  # fmt: skip
def test_it_relays_to_public_addresses_and_the_recorder(relay_port: int, peer: str) -> None:
    with TurnClient(relay_port, credentials(peer), family=6 if ":" in peer else 4) as relay:
        assert outcome(relay, peer) == {0}


@pytest.mark.parametrize(
    "server",
    [credentials("leg", secret="guessed"), credentials("leg", minutes=-1)],
    ids=["guessed", "lapsed"],
)
def test_it_lets_nobody_in_without_good_credentials(relay_port: int, server: IceServer) -> None:
    with pytest.raises(Refused) as refused:
        TurnClient(relay_port, server)
    assert refused.value.code == UNAUTHORIZED


def test_it_gives_each_leg_so_many_allocations_under_all_its_names(relay_port: int) -> None:
    with ExitStack() as held:
        for minute in range(24):
            name = credentials("greedy", minutes=1 + minute % 9)
            held.enter_context(TurnClient(relay_port, name))
        with pytest.raises(Refused) as refused:
            TurnClient(relay_port, credentials("greedy", minutes=30))
        assert refused.value.code == QUOTA_REACHED
        held.enter_context(TurnClient(relay_port, credentials("another")))
