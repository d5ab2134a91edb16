"""Messages of every kind for the signaling socket: well formed by the schema, and then spoilt."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, get_args
from uuid import UUID

from hypothesis import strategies as st
from msgspec import inspect

from calls import protocol

LEG = "11111111-1111-4111-8111-111111111111"
# What only the server may say about a message.
FORGED = (
    "from",
    "sender",
    "role",
    "seq",
    "by",
    "you",
    "type_",
    "__class__",
    "call",
    "participant_",
)
# Bounds without an end of their own are tried up to here.
FAR = 2**63

Fields = dict[str, Any]


def well_formed(
    *kinds: type[protocol.Message], legs: tuple[str, ...] = ()
) -> st.SearchStrategy[Fields]:
    """A message as the schema allows it, of one of `kinds` or of any; ids are of `legs`."""
    chosen = kinds or get_args(protocol.ClientMessage)
    return st.one_of(*(_fields(kind, legs) for kind in chosen))


@st.composite
def spoilt(draw: st.DrawFn, *kinds: type[protocol.Message], legs: tuple[str, ...] = ()) -> str:
    """The text of a message that is wrong somewhere: parsing it must fail."""
    message = draw(well_formed(*kinds, legs=legs))
    where = draw(st.sampled_from(["field", "text", "whole"]))
    if where == "field":
        return json.dumps(draw(st.sampled_from(FIELD_FAULTS))(message, draw))
    if where == "text":
        return draw(st.sampled_from(TEXT_FAULTS))(json.dumps(message), draw)
    return draw(st.sampled_from(HANDMADE))


def anything() -> st.SearchStrategy[str]:
    """Well formed, spoilt, or no message at all."""
    return st.one_of(
        well_formed().map(json.dumps),
        spoilt(),
        st.text(max_size=200),
        _json_values().map(json.dumps),
    )


# --- From the schema ------------------------------------------------------------------------------
@cache
def _fields(kind: type[protocol.Message], legs: tuple[str, ...]) -> st.SearchStrategy[Fields]:
    shape = inspect.type_info(kind)
    assert isinstance(shape, inspect.StructType)
    needed = {f.encode_name: _values(f.type, legs) for f in shape.fields if f.required}
    others = {f.encode_name: _values(f.type, legs) for f in shape.fields if not f.required}
    tag = st.just(str(shape.tag))
    return st.fixed_dictionaries({"t": tag, **needed}, optional=others)


def _values(shape: inspect.Type, legs: tuple[str, ...]) -> st.SearchStrategy[Any]:
    match shape:
        case inspect.Metadata(type=inner):
            return _values(inner, legs)
        case inspect.UnionType(types=types):
            return st.one_of(*(_values(one, legs) for one in types))
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.IntType(ge=low, le=high):
            return st.integers(-FAR if low is None else low, FAR if high is None else high)
        case inspect.FloatType(ge=low, le=high):
            return st.floats(low, high, allow_nan=False, allow_infinity=False)
        case inspect.StrType():
            return _texts(shape)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.UUIDType():
            return st.sampled_from(legs) if legs else st.uuids().map(str)
    raise TypeError(f"the schema has a {shape!r} that no strategy knows")


def _texts(shape: inspect.StrType) -> st.SearchStrategy[str]:
    most = shape.max_length or 100
    least = shape.min_length or 0
    if shape.pattern == r"^[A-Za-z0-9_-]+$":
        alphabet = st.sampled_from("abcXYZ019_-")
        return st.text(alphabet, min_size=max(1, least), max_size=most)
    if shape.pattern == r"^(candidate:|$)":
        rest = st.text(min_size=0, max_size=60).map(lambda text: f"candidate:{text}")
        return st.one_of(st.just(""), rest)
    if shape.pattern in (None, r"^[^\x00]*$"):
        characters = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
        return st.text(characters, min_size=least, max_size=min(most, 100))
    raise ValueError(f"the schema has a pattern that no strategy knows: {shape.pattern}")


# --- Spoiling -------------------------------------------------------------------------------------
def _json_values() -> st.SearchStrategy[Any]:
    plain = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20))
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
        ),
        max_leaves=8,
    )


def _loses_a_field(message: Fields, draw: st.DrawFn) -> Fields:
    kind = _kind_of(message)
    shape = inspect.type_info(kind)
    assert isinstance(shape, inspect.StructType)
    needed = ["t", *(field.encode_name for field in shape.fields if field.required)]
    lost = draw(st.sampled_from(needed))
    return {name: value for name, value in message.items() if name != lost}


def _gains_a_field(message: Fields, draw: st.DrawFn) -> Fields:
    return {**message, draw(st.sampled_from(FORGED)): draw(_json_values())}


def _changes_a_type(message: Fields, draw: st.DrawFn) -> Fields:
    name = draw(st.sampled_from(sorted(message)))
    return {**message, name: draw(st.sampled_from(WRONG_EVERYWHERE))}


def _is_another_kind(message: Fields, draw: st.DrawFn) -> Fields:
    return {**message, "t": draw(st.sampled_from(["sudo", "", "Hello", "welcome", "fact"]))}


def _is_cut(text: str, draw: st.DrawFn) -> str:
    return text[: draw(st.integers(0, len(text) - 1))]


def _has_a_tail(text: str, draw: st.DrawFn) -> str:
    return text + draw(st.sampled_from(["\x00", "}", ",", text, " x", "\ufeff"]))


def _has_no_number(text: str, draw: st.DrawFn) -> str:
    odd = draw(st.sampled_from(["NaN", "Infinity", "-Infinity", "1e999", "01", "+1", "0x1"]))
    return f'{text[:-1]}, "odd": {odd}}}'


def _is_deep(text: str, draw: st.DrawFn) -> str:
    depth = draw(st.integers(1100, 9000))
    return f'{text[:-1]}, "deep": {"[" * depth}{"]" * depth}}}'


def _is_huge(text: str, draw: st.DrawFn) -> str:
    return f'{text[:-1]}, "huge": {"9" * draw(st.integers(20, 9000))}}}'


def _is_half_a_character(text: str, draw: st.DrawFn) -> str:
    half = draw(st.integers(0xD800, 0xDFFF))
    return f'{text[:-1]}, "half": "\\u{half:04x}"}}'


def _kind_of(message: Fields) -> type[protocol.Message]:
    for kind in get_args(protocol.ClientMessage):
        if kind.__struct_config__.tag == message["t"]:
            return kind  # type: ignore[no-any-return]
    raise KeyError(message["t"])


FIELD_FAULTS: list[Callable[[Fields, st.DrawFn], Fields]] = [
    _loses_a_field,
    _gains_a_field,
    _changes_a_type,
    _is_another_kind,
]
TEXT_FAULTS: list[Callable[[str, st.DrawFn], str]] = [
    _is_cut,
    _has_a_tail,
    _has_no_number,
    _is_deep,
    _is_huge,
    _is_half_a_character,
]
# No field of the schema is a list, an object, or a number beyond 2**53.
WRONG_EVERYWHERE: list[Any] = [[], {}, {"t": "end"}, [None], 2**60, -(2**60), 1e300, [[[[[]]]]]]
HANDMADE = [
    "",
    " ",
    "null",
    "[]",
    '"hello"',
    "{}",
    "{",
    '{"t":null}',
    '{"t":["hello"]}',
    '{"t":"chat","t":"admit"}',
    '{"t":"chat","ref":"a","text":"a\\u0000b"}',
    '{"t":"chat","ref":"' + "r" * 37 + '","text":"x"}',
    '{"t":"chat","ref":"a","text":"' + "x" * 4001 + '"}',
    '{"t":"hello","leg":"not a leg","last_seq":0}',
    '{"t":"hello","leg":null,"last_seq":-1}',
    '{"t":"hello","leg":null,"last_seq":9007199254740993}',
    f'{{"t":"ack","leg":"{LEG}","n":1.5}}',
    f'{{"t":"candidate","leg":"{LEG}","n":1,"candidate":"a=candidate:1"}}',
    f'{{"t":"media","leg":"{LEG}","n":0,"audio":true,"video":true}}',
    f'{{"t":"media","leg":"{LEG}","n":1,"audio":1,"video":"yes"}}',
    f'{{"t":"description","leg":"{LEG}","n":1,"type":"rollback","sdp":"v=0"}}',
    f'{{"t":"description","leg":"{LEG}","n":1,"type":"offer","sdp":"{"v" * 32769}"}}',
]
assert UUID(LEG)
