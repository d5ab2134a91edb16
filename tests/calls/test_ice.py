"""The servers that legs are given, and what they may tell each other of their addresses."""

from datetime import UTC, datetime
from math import inf
from uuid import UUID

import pytest
from pytest_django import Settings

from calls.ice import candidate_type, only_relayed, relayed_candidate
from calls.services import relays
from tests.support.cast import Cast
from tests.support.sockets import SDP, in_visit

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LEG = UUID("5f1c1f4e-0000-4000-8000-000000000001")
UDP = "turn:relay.example.com:3478?transport=udp"
TCP = "turn:relay.example.com:3478?transport=tcp"
TLS = "turns:relay.example.com:443?transport=tcp"
HOST = "candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0"
RELAY = "candidate:2 1 udp 41885439 203.0.113.9 49170 typ relay raddr 192.0.2.1 rport 50000"
RELAY_BARE = "candidate:2 1 udp 41885439 203.0.113.9 49170 typ relay raddr 0.0.0.0 rport 0"


@pytest.fixture
def relay(settings: Settings) -> Settings:
    settings.STUN_URLS = ["stun:relay.example.com"]
    settings.TURN_URLS = [TLS, TCP, UDP]
    settings.TURN_SECRET = "shared-secret"
    return settings


def test_it_lists_what_is_quickest_first(relay: Settings) -> None:
    told = relays.ice_for(LEG, now=NOW)
    assert [server.urls for server in told.servers] == [["stun:relay.example.com"], [UDP, TCP, TLS]]
    assert told.policy == "all"


def test_it_mints_credentials_of_ten_minutes_for_the_leg(relay: Settings) -> None:
    told = relays.ice_for(LEG, now=NOW)
    assert told.expires_at == "2026-03-01T12:10:00Z"
    assert told.servers[1].username == f"{int(NOW.timestamp()) + 600}:{LEG}"
    # printf %s "1772367000:5f1c1f4e-…" | openssl dgst -sha1 -hmac shared-secret -binary | base64
    assert told.servers[1].credential == "PxjlDAsE8JhMVl4McCXxKjpwUys="


def test_it_refreshes_two_minutes_before(relay: Settings) -> None:
    assert relays.refresh_at(NOW) == NOW.timestamp() + 480


def test_it_has_nothing_to_refresh_without_a_relay() -> None:
    told = relays.ice_for(LEG, now=NOW)
    assert told.servers == []
    assert relays.refresh_at(NOW) == inf


def test_it_gives_only_the_relay_under_relay_only(relay: Settings) -> None:
    relay.RELAY_ONLY = True
    told = relays.ice_for(LEG, now=NOW)
    assert told.policy == "relay"
    assert [server.urls for server in told.servers] == [[UDP, TCP, TLS]]


@pytest.mark.parametrize(
    ("candidate", "kind"),
    [
        (HOST, "host"),
        (RELAY, "relay"),
        (f"a={RELAY}\r", "relay"),
        (f"{HOST} x typ relay", "host"),
        ("candidate:1 1 udp 1 relay 9", None),
        ("", None),
    ],
)
def test_it_reads_the_type_of_a_candidate(candidate: str, kind: str | None) -> None:
    assert candidate_type(candidate) == kind


def test_it_tells_nothing_of_a_relays_base() -> None:
    assert relayed_candidate(RELAY) == RELAY_BARE
    assert relayed_candidate("") == ""
    assert relayed_candidate(HOST) is None


def test_it_takes_every_own_address_out_of_a_description() -> None:
    sdp = "\r\n".join(
        [
            "v=0",
            "o=- 1 1 IN IP4 192.0.2.1",
            "m=audio 50000 UDP/TLS/RTP/SAVPF 111",
            "c=IN IP6 2001:db8::1",
            "a=rtcp:50000 IN IP4 192.0.2.1",
            f"a={HOST}",
            f"a={RELAY}",
            "",
        ]
    )
    assert only_relayed(sdp) == (
        "\r\n".join(
            [
                "v=0",
                "o=- 1 1 IN IP4 0.0.0.0",
                "m=audio 50000 UDP/TLS/RTP/SAVPF 111",
                "c=IN IP4 0.0.0.0",
                "a=rtcp:50000 IN IP4 0.0.0.0",
                f"a={RELAY_BARE}",
                "",
            ]
        ),
        1,
    )


async def test_it_relays_no_own_address_under_relay_only(cast: Cast, relay: Settings) -> None:
    relay.RELAY_ONLY = True
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await doctor.signal("description", guest, type="offer", sdp=f"{SDP}a={HOST}\r\na={RELAY}\r\n")
    await doctor.signal("candidate", guest, candidate=HOST)
    await doctor.signal("candidate", guest, candidate=RELAY)
    offer = await guest.expect("description")
    assert "192.0.2.1" not in offer["sdp"]
    assert RELAY_BARE in offer["sdp"]
    blank = await guest.expect("blank", "candidate")
    assert blank == {"t": "blank", "leg": doctor.leg, "n": 2}
    relayed = await guest.expect("candidate")
    assert (relayed["n"], relayed["candidate"]) == (3, RELAY_BARE)
