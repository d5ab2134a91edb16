"""Generated frames on real sockets: every one is answered or closed with a reason, none is felt."""

import json
import urllib.request
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from calls import protocol
from calls.sdp import sdp_fault
from tests.hostile.attack import INVALID_UTF8, Attack, Bystanders, Frame
from tests.hostile.descriptions import mutated
from tests.hostile.messages import LEG, spoilt, well_formed
from tests.support.cast import Cast
from tests.support.web import Line, web_process

# Bystanders talk in a thread of their own while a strategy draws; what they draw is theirs.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")

RIGHT_A_SOCKET, SPOILT_A_SOCKET = 35, 5
# Ten wrong messages in a minute end a socket.
WRONG_A_SOCKET = protocol.ERRORS_PER_MINUTE - 1
NOT_UTF8 = [
    b"\xff",
    b'{"t":"ping","x":"\xc3\x28"}',
    b"\xed\xa0\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xc0",
]
PROTOCOL_ERROR = 1002
# RFC 6455, section 5: not masked; an opcode that means nothing; a ping that is too long.
BROKEN_FRAMES = [b"\x81\x02{}", b"\x83\x80\0\0\0\0", b"\x89\xfe\x01\x00\0\0\0\0"]


def batches(legs: tuple[str, ...]) -> st.SearchStrategy[list[Frame]]:
    """What one socket is sent: well formed and spoilt messages, at times a last frame too many."""
    right = st.lists(
        well_formed(legs=legs).map(json.dumps), min_size=RIGHT_A_SOCKET, max_size=RIGHT_A_SOCKET
    )
    wrong = st.lists(spoilt(legs=legs), min_size=SPOILT_A_SOCKET, max_size=SPOILT_A_SOCKET)
    full = st.tuples(right, wrong).flatmap(lambda both: st.permutations([*both[0], *both[1]]))
    last: st.SearchStrategy[list[Frame]] = st.one_of(
        st.just([]),
        st.just([]),
        st.binary(max_size=64).map(lambda raw: [raw]),
        st.sampled_from(NOT_UTF8).map(lambda raw: [(raw,)]),
        st.just(["x" * (protocol.MAX_MESSAGE_BYTES + 1)]),
    )
    return st.tuples(full, last).map(lambda drawn: [*drawn[0], *drawn[1]])


def descriptions() -> st.SearchStrategy[list[Frame]]:
    def numbered(sdps: list[str]) -> list[Frame]:
        fields = {"t": "description", "leg": LEG, "type": "offer"}
        return [json.dumps({**fields, "n": n, "sdp": sdp}) for n, sdp in enumerate(sdps, start=1)]

    many = st.lists(mutated(), min_size=WRONG_A_SOCKET, max_size=WRONG_A_SOCKET)
    return many.map(numbered)


def repeat(
    batch: st.SearchStrategy[list[Frame]], throw: Callable[..., None], times: int, *, anew: bool
) -> None:
    """Throw so many batches: others each time with `anew`, else of the same shapes in every run."""

    @settings(
        max_examples=times,
        derandomize=not anew,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(batch)
    def one(frames: list[Frame]) -> None:
        throw(frames)

    one()


def in_visit(url: str, cast: Cast) -> tuple[Line, Line]:
    doctor = Line(url, cast.call.pk, cast.ada)
    doctor.do("enter")
    guest = Line(url, cast.call.pk, cast.mei)
    guest.do("enter")
    doctor.do("admit", participant=guest.you)
    guest.peered_with(doctor)
    doctor.peered_with(guest)
    return guest, doctor


def trial(
    cast: Cast, *, sockets: int, of_descriptions: int, attackers: int, anew: bool = False
) -> tuple[Attack, Bystanders]:
    """So many sockets full of messages, and so many of descriptions, against one process."""
    with web_process() as (url, process):
        attack = Attack(url, cast, size=attackers)
        with Bystanders(*in_visit(url, cast)) as bystanders:
            repeat(batches(attack.legs), attack.throw, sockets, anew=anew)
            repeat(descriptions(), attack.throw, of_descriptions, anew=anew)
        for attacker in attack.attackers:
            relayed = [m["sdp"] for m in attacker.doctor.kept if m["t"] == "description"]
            assert [sdp_fault(sdp) for sdp in relayed] == [None] * len(relayed)
        assert process.poll() is None
        with urllib.request.urlopen(f"{url.replace('ws', 'http', 1)}/healthz") as answer:
            assert answer.status == 200
    print(f"\n{attack.outcome}\nbystanders: {len(bystanders.latencies)} signals, "
          f"p95 {bystanders.p95_ms:.1f} ms")  # fmt: skip
    assert attack.outcome.at_fault == []
    return attack, bystanders


def test_it_answers_generated_frames_and_spares_the_bystanders(cast: Cast) -> None:
    attack, bystanders = trial(cast, sockets=12, of_descriptions=12, attackers=6)
    assert attack.outcome.frames > 400
    assert attack.outcome.answers["bad_field"] > 0
    assert attack.outcome.answers["bad_sdp"] > 0
    assert bystanders.latencies


def test_it_says_why_it_closes_a_socket_that_breaks_the_rules(cast: Cast) -> None:
    with web_process() as (url, _process):
        for raw in NOT_UTF8:
            doctor = Line(url, cast.call.pk, cast.ada)
            doctor.socket.send(raw, text=True)
            assert doctor.close_code() == INVALID_UTF8
        for broken in BROKEN_FRAMES:
            doctor = Line(url, cast.call.pk, cast.ada)
            doctor.socket.socket.sendall(broken)
            assert doctor.close_code() == PROTOCOL_ERROR


@pytest.mark.lab
@pytest.mark.timeout(3600)
def test_it_answers_a_hundred_thousand_frames(cast: Cast) -> None:
    attack, bystanders = trial(cast, sockets=2_900, of_descriptions=2_300, attackers=40, anew=True)
    assert attack.outcome.frames >= 100_000
    assert bystanders.p95_ms < 200
