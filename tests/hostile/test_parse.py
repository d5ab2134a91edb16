"""Nothing that a stranger can write gets past the parser as anything but what the schema says."""

import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from calls import protocol, wire
from calls.protocol import ErrorCode
from calls.sdp import MAX_MEDIA_LINES, sdp_fault
from calls.wire import ProtocolError
from tests.hostile.descriptions import FINGERPRINT, OFFER, mutated
from tests.hostile.messages import Fields, anything, spoilt, well_formed

REASONS = {
    ErrorCode.BAD_JSON,
    ErrorCode.BAD_SHAPE,
    ErrorCode.UNKNOWN_TYPE,
    ErrorCode.BAD_FIELD,
    ErrorCode.BAD_SDP,
}
SOME = settings(
    max_examples=300, deadline=None, phases=[Phase.explicit, Phase.generate], database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
MANY_MESSAGES = settings(SOME, max_examples=50_000)
MANY_DESCRIPTIONS = settings(SOME, max_examples=20_000)


def refusal_of(text: str) -> protocol.Error | None:
    """The answer to `text` if it is refused, which is short; None if it is a message."""
    try:
        message = wire.parse(text)
    except ProtocolError as fault:
        refusal = protocol.Error(code=fault.code, detail=fault.detail, ref=fault.ref)
    else:
        assert isinstance(message, protocol.ClientMessage)
        return None
    assert refusal.code in REASONS
    assert len(wire.encode(refusal).encode()) < 1024
    return refusal


def check_well_formed(message: Fields) -> None:
    parsed = wire.parse(json.dumps(message))
    assert wire.parse(wire.encode(parsed)) == parsed


def check_description(sdp: str) -> None:
    """What may be relayed has a fingerprint, no keys, and few enough sections."""
    if sdp_fault(sdp) is not None:
        return
    lines = sdp.replace("\r\n", "\n").split("\n")
    assert lines[0] == "v=0"
    assert "\x00" not in sdp
    assert any(line.startswith("a=fingerprint:") for line in lines)
    assert not any(line.lower().startswith("a=crypto:") for line in lines)
    assert sum(line.startswith("m=") for line in lines) <= MAX_MEDIA_LINES


@SOME
@given(well_formed())
def test_it_takes_what_the_schema_allows(message: Fields) -> None:
    check_well_formed(message)


@SOME
@given(spoilt())
def test_it_refuses_what_is_spoilt(text: str) -> None:
    assert refusal_of(text) is not None


@SOME
@given(anything())
def test_it_answers_anything_at_all_shortly(text: str) -> None:
    refusal_of(text)


@SOME
@given(mutated())
def test_it_relays_no_description_that_lacks_what_makes_it_safe(sdp: str) -> None:
    check_description(sdp)


@pytest.mark.parametrize("end", ["\u2028", "\x0b", "\x85", "\r"])
def test_it_ends_lines_where_browsers_do(end: str) -> None:
    without = OFFER.replace(f"\r\n{FINGERPRINT}", f"{end}{FINGERPRINT}")
    assert sdp_fault(without) is not None


def test_it_lets_an_unspoilt_description_pass() -> None:
    assert sdp_fault(OFFER) is None


@pytest.mark.parametrize("forged", ["from", "role", "seq", "by", "sender"])
def test_it_names_the_field_that_was_forged(forged: str) -> None:
    for kind in ("chat", "ping"):
        fields = {"ref": "a", "text": "x"} if kind == "chat" else {}
        refused = refusal_of(json.dumps({"t": kind, **fields, forged: "me"}))
        assert refused is not None
        assert (refused.code, f"`{forged}`" in refused.detail) == (ErrorCode.BAD_FIELD, True)


def test_it_does_not_repeat_a_long_name_back() -> None:
    refused = refusal_of(json.dumps({"t": "ping", "k" * 60_000: 1}))
    assert refused is not None
    assert refused.code == ErrorCode.BAD_FIELD


@pytest.mark.lab
@MANY_MESSAGES
@given(anything())
def test_it_survives_fifty_thousand_messages(text: str) -> None:
    refusal_of(text)


@pytest.mark.lab
@MANY_MESSAGES
@given(st.booleans(), st.data())
def test_it_tells_fifty_thousand_apart(is_spoilt: bool, data: st.DataObject) -> None:
    text = data.draw(spoilt()) if is_spoilt else json.dumps(data.draw(well_formed()))
    assert (refusal_of(text) is not None) == is_spoilt


@pytest.mark.lab
@MANY_DESCRIPTIONS
@given(mutated())
def test_it_survives_twenty_thousand_descriptions(sdp: str) -> None:
    check_description(sdp)
