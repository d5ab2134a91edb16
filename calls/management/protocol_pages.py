"""What is written from the protocol and the state tables: a module, a page of tables, a diagram."""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, get_args

from msgspec import inspect as shape

from calls import protocol, states
from calls.desk import messages as desk
from calls.desk import states as desk_states

NOTE = "Written by `manage.py messages` from {}; change that file instead."
BOUNDS = (
    "MAX_MESSAGE_BYTES",
    "MAX_SDP_BYTES",
    "MAX_CANDIDATES_PER_PAIR",
    "MESSAGES_PER_SEC",
    "MESSAGE_BURST",
    "OPENINGS_PER_MINUTE",
    "HELLO_TIMEOUT_SECS",
    "SAMPLE_EVERY_SECS",
)
GROUPS: tuple[tuple[str, tuple[type, ...]], ...] = (
    (
        "The connection, from the browser",
        tuple(
            cls
            for cls in get_args(protocol.ClientMessage)
            if cls not in get_args(protocol.Signal) and cls not in get_args(protocol.Command)
        ),
    ),
    ("Commands, from the browser", get_args(protocol.Command)),
    ("Signals, both ways", get_args(protocol.Signal)),
    (
        "From the server",
        tuple(
            cls for cls in get_args(protocol.ServerMessage) if cls not in get_args(protocol.Signal)
        ),
    ),
    ("Parts of messages", (protocol.IceServerEntry, protocol.Peer)),
)
DESK: tuple[type, ...] = (
    *get_args(desk.DeskServerMessage),
    desk.Ringing,
    desk.Talk,
    desk.Consult,
    desk.Line,
)
MACHINES: tuple[tuple[str, Mapping[Any, frozenset[Any]]], ...] = (
    ("Appointment", states.APPOINTMENT),
    ("Call", states.CALL),
    ("Participant", states.PARTICIPANT),
    ("Leg", states.LEG),
    ("Recording", states.RECORDING),
    ("Consent", states.CONSENT),
    ("Place in a queue", desk_states.ENTRY),
    ("Offer", desk_states.RING),
    ("Agent at the desk", desk_states.AGENT),
    ("Part of an agent in a contact", desk_states.HANDLING),
)
# How JSDoc calls what is neither a list nor a name of our own.
SCALARS: dict[type[shape.Type], str] = {
    shape.StrType: "string",
    shape.UUIDType: "string",
    shape.IntType: "number",
    shape.FloatType: "number",
    shape.BoolType: "boolean",
    shape.NoneType: "null",
    shape.DictType: "Record<string, any>",
}


def module() -> str:
    """The text of static/js/call/messages.js."""
    types = [cls for _, classes in GROUPS for cls in classes]
    parts = [
        _head("the signaling socket", "calls/protocol.py"),
        *(f"export const {name} = {getattr(protocol, name)};" for name in BOUNDS),
        _object("CloseCode", "Why the server closes a socket.", close_codes()),
        _object("ErrorCode", "What `error.code` may be.", _members(protocol.ErrorCode)),
        _object("FactKind", "The kinds of facts.", _members(protocol.FactKind)),
        f"/** @typedef {{{_union(protocol.ErrorCode)}}} ErrorCodeName */",
        f"/** @typedef {{{_union(protocol.FactKind)}}} FactKindName */",
        *(_typedef(cls) for cls in types),
        f"/** @typedef {{{_names(protocol.Signal)}}} Signal */",
        f"/** @typedef {{{_names(protocol.Command)}}} Command */",
        f"/** @typedef {{{_names(protocol.ServerMessage)}}} ServerMessage */",
    ]
    return "\n\n".join(parts) + "\n"


def desk_module() -> str:
    """The text of static/js/desk/messages.js."""
    head = _head("the desk's socket", "calls/desk/messages.py")
    union = f"/** @typedef {{{_names(desk.DeskServerMessage)}}} DeskServerMessage */"
    return "\n\n".join([head, *(_typedef(cls) for cls in DESK), union, "export {};"]) + "\n"


def tables() -> str:
    """The generated part of docs/protocol.md."""
    parts = []
    for title, classes in (*GROUPS, ("The desk's socket, from the server", DESK)):
        parts.append(f"## {title}")
        for cls in classes:
            parts.append(
                f"### `{_tag(cls) or cls.__name__}`\n\n{inspect.getdoc(cls) or ''}".strip()
            )
            rows = [(f"`{name}`", f"`{kind}`", bounds) for name, kind, bounds in _fields(cls)]
            if rows:
                parts.append(_table(("field", "type", "bounds"), rows))
    facts = [(f"`{kind}`", f"`{data}`", note) for kind, data, note in fact_data()]
    parts += ["## Facts", _table(("kind", "data", "note"), facts)]
    codes = [(str(code), name.lower().replace("_", " ")) for name, code in close_codes()]
    parts += ["## Close codes", _table(("code", "why"), codes)]
    bounds = [(f"`{name}`", str(getattr(protocol, name))) for name in BOUNDS]
    parts += ["## Bounds", _table(("name", "value"), bounds)]
    return "\n\n".join(parts) + "\n"


def diagrams() -> str:
    """The generated part of docs/states.md: one Mermaid diagram a state machine."""
    return "\n".join(_diagram(name, table) for name, table in MACHINES)


def close_codes() -> list[tuple[str, int]]:
    return [(name, code) for name, code in vars(protocol.CloseCode).items() if name.isupper()]


def fact_data() -> Iterator[tuple[str, str, str]]:
    """(kind, data, note) of each fact, from the comments in its declaration."""
    pattern = re.compile(r'= "(\w+)"  # (\{.*?\})(?:: (.*))?$')
    for line in inspect.getsource(protocol.FactKind).splitlines():
        found = pattern.search(line)
        if found:
            yield found[1], found[2].replace("|", "or"), found[3] or ""


def _head(socket: str, source: str) -> str:
    return f"/**\n * Every message of {socket}, as JSDoc types.\n * {NOTE.format(source)}\n */"


def _members(enum: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.name, f'"{member.value}"') for member in enum]


def _object(name: str, text: str, members: Iterable[tuple[str, object]]) -> str:
    lines = "".join(f"  {key}: {value},\n" for key, value in members)
    return f"/** {text} */\nexport const {name} = Object.freeze({{\n{lines}}});"


def _union(enum: type[StrEnum]) -> str:
    return " | ".join(f'"{member.value}"' for member in enum)


def _names(union: object) -> str:
    return " | ".join(cls.__name__ for cls in get_args(union))


def _tag(cls: type) -> str:
    info = shape.type_info(cls)
    assert isinstance(info, shape.StructType)
    return str(info.tag or "")


def _fields(cls: type) -> Iterator[tuple[str, str, str]]:
    """(name, JSDoc type, bounds in words) of each field; an optional one's name ends in `?`."""
    info = shape.type_info(cls)
    assert isinstance(info, shape.StructType)
    for field in info.fields:
        # What the server leaves out when it is the default, the browser may not find.
        name = field.encode_name if field.required else f"{field.encode_name}?"
        yield name, _js(field.type), _bounds(field.type)


def _typedef(cls: type) -> str:
    text = (inspect.getdoc(cls) or "").replace("\n", "\n * ")
    lines = [f" * {text}"] if text else []
    lines.append(f" * @typedef {{object}} {cls.__name__}")
    if _tag(cls):
        lines.append(f' * @property {{"{_tag(cls)}"}} t')
    for name, kind, _ in _fields(cls):
        shown = f"[{name[:-1]}]" if name.endswith("?") else name
        lines.append(f" * @property {{{kind}}} {shown}")
    return "\n".join(["/**", *lines, " */"])


def _js(kind: shape.Type) -> str:
    """The JSDoc name of a type; "" for UnsetType, which means that the field may be absent."""
    match kind:
        case shape.UnionType(types=types):
            return " | ".join(filter(None, map(_js, types)))
        case shape.LiteralType(values=values):
            return " | ".join(f'"{value}"' for value in values)
        case shape.EnumType(cls=cls):
            return f"{cls.__name__}Name"
        case shape.ListType(item_type=item):
            return f"{_js(item)}[]"
        case shape.StructType(cls=cls):
            return cls.__name__
    return SCALARS.get(type(kind), "")


def _bounds(kind: shape.Type) -> str:
    if isinstance(kind, shape.UnionType):
        return "; ".join(filter(None, (_bounds(one) for one in kind.types)))
    words = {"ge": "at least", "le": "at most", "min_length": "length ≥", "max_length": "length ≤"}
    told = [
        f"{said} {getattr(kind, name)}"
        for name, said in words.items()
        if getattr(kind, name, None) is not None
    ]
    pattern = getattr(kind, "pattern", None)
    if pattern:
        told.append(f"`{pattern.replace('|', chr(92) + '|')}`")
    return "a UUID" if isinstance(kind, shape.UUIDType) else ", ".join(told)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *(tuple(_cell(c) for c in row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text if "\\|" in text else text.replace("|", "\\|")


def _diagram(name: str, table: Mapping[StrEnum, frozenset[StrEnum]]) -> str:
    first = next(iter(table))
    lines = [f"  [*] --> {first.value}"]
    for source, targets in table.items():
        ordered = [target for target in table if target in targets]
        lines += [f"  {source.value} --> {target.value}" for target in ordered]
        if not targets:
            lines.append(f"  {source.value} --> [*]")
    body = "\n".join(lines)
    return f"## {name}\n\n```mermaid\nstateDiagram-v2\n{body}\n```\n"
