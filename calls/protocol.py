"""Every message on the signaling socket, declared once. Knows no Django and no socket.

The consumer, the recorder and the browser share this module: `manage.py messages` writes
static/js/call/messages.js and the tables of docs/protocol.md from it. Unknown fields are refused
and every bound is stated, so a message that decodes is well formed; whether it is allowed is the
business of the services.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

MAX_MESSAGE_BYTES = 64 * 1024
MAX_SDP_BYTES = 32 * 1024
MAX_CANDIDATES_PER_PAIR = 50
MESSAGES_PER_SEC = 20
MESSAGE_BURST = 120
ERRORS_PER_MINUTE = 10
HELLO_TIMEOUT_SECS = 10

Ref = Annotated[str, Meta(min_length=1, max_length=36, pattern=r"^[A-Za-z0-9_-]+$")]
Number = Annotated[int, Meta(ge=1, le=2**31)]
Seq = Annotated[int, Meta(ge=0, le=2**53)]
Sdp = Annotated[str, Meta(min_length=1, max_length=MAX_SDP_BYTES)]
# No NUL: PostgreSQL stores none in JSON.
Text = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]


class CloseCode:
    """Why the server closes a socket (RFC 6455, section 7.4; 4000-4999 are Parlour's own)."""

    BINARY = 1003
    TOO_BIG = 1009
    RESTART = 1012
    SLOW_READER = 1013
    MALFORMED = 4400
    SIGNED_OUT = 4401
    FORBIDDEN = 4403
    NO_SUCH_CALL = 4404
    SILENT = 4408
    REPLACED = 4409
    ENDED = 4410
    TOO_FAST = 4429


class ErrorCode(StrEnum):
    """What an `error` message may carry in `code`."""

    BAD_JSON = "bad_json"
    BAD_SHAPE = "bad_shape"
    BAD_FIELD = "bad_field"
    UNKNOWN_TYPE = "unknown_type"
    BAD_SDP = "bad_sdp"
    BAD_STATE = "bad_state"
    FORBIDDEN = "forbidden"
    NOT_A_PEER = "not_a_peer"
    CONSENT_MISSING = "consent_missing"
    RATE = "rate"
    UNAVAILABLE = "unavailable"


class FactKind(StrEnum):
    """The kinds of numbered facts (rows of CallEvent) and, in `data`, what each one carries."""

    ENTERED = "entered"  # {participant, name, role, leg, waiting: bool}
    ADMITTED = "admitted"  # {participant}
    JOINED = "joined"  # {participant, name, role, leg, waiting: bool}: a leg is connected (again)
    DROPPED = "dropped"  # {participant, leg}: a leg was lost; its place is kept a minute
    LEFT = "left"  # {participant, leg, reason: left | timeout | replaced | removed}
    REMOVED = "removed"  # {participant}
    CHAT = "chat"  # {participant, name, text}
    RECORD_ASKED = "record_asked"  # {recording, participant, text_version}
    CONSENT_GIVEN = "consent_given"  # {recording, participant, text_version}
    CONSENT_REFUSED = "consent_refused"  # {recording, participant}
    CONSENT_WITHDRAWN = "consent_withdrawn"  # {recording, participant}
    RECORDING_QUEUED = "recording_queued"  # {recording}: everyone agreed, no recorder yet
    RECORDING_DELAYED = "recording_delayed"  # {recording, reason}: no recorder took it yet
    RECORDING_STARTED = "recording_started"  # {recording}
    RECORDING_STOPPED = "recording_stopped"  # {recording, reason}
    RECORDING_FAILED = "recording_failed"  # {recording, reason}
    ENDED = "ended"  # {reason: agent | abandoned | cancelled}


class Message(msgspec.Struct, forbid_unknown_fields=True, tag_field="t", omit_defaults=True):
    """A message; its tag `t` is declared by each subclass."""


# --- Signals: relayed from leg to leg, kept by the sender until acknowledged --------------------
# `leg` is the other end: the receiver on the way in; on the way out the server has put the sender
# there. `n` counts 1, 2, 3 ... per pair and direction.
class Description(Message, tag="description"):
    """An SDP offer or answer (W3C WebRTC, RTCSessionDescription)."""

    leg: UUID
    n: Number
    type: Literal["offer", "answer"]
    sdp: Sdp


class Candidate(Message, tag="candidate"):
    """An ICE candidate, or an empty one at the end of a generation (RTCIceCandidateInit)."""

    leg: UUID
    n: Number
    candidate: Annotated[str, Meta(max_length=1024, pattern=r"^(candidate:|$)")]
    sdp_mid: Annotated[str, Meta(max_length=64)] | None = None
    sdp_mline_index: Annotated[int, Meta(ge=0, le=16)] | None = None
    username_fragment: Annotated[str, Meta(max_length=256)] | None = None


class Media(Message, tag="media"):
    """Which of the sender's own tracks carry something now; false means muted or camera off."""

    leg: UUID
    n: Number
    audio: bool
    video: bool


class Ack(Message, tag="ack"):
    """Every signal up to `n` from that leg has arrived."""

    leg: UUID
    n: Annotated[int, Meta(ge=0, le=2**31)]


Signal = Description | Candidate | Media | Ack


# --- Commands: change facts; the same `ref` twice has one effect ---------------------------------
class Enter(Message, tag="enter"):
    """The device check is passed: wait to be admitted, or come in if nothing is to wait for."""

    ref: Ref


class Admit(Message, tag="admit"):
    """Let a waiting participant in."""

    ref: Ref
    participant: UUID


class Remove(Message, tag="remove"):
    """Send a participant away for good."""

    ref: Ref
    participant: UUID


class Chat(Message, tag="chat"):
    """Write to everyone who was admitted."""

    ref: Ref
    text: Text


class Leave(Message, tag="leave"):
    """I go, the visit stays open."""

    ref: Ref


class End(Message, tag="end"):
    """The visit is over for all."""

    ref: Ref


class RecordAsk(Message, tag="record_ask"):
    """Ask everyone for their consent to a recording; the asker consents by asking."""

    ref: Ref
    text_version: Annotated[str, Meta(min_length=1, max_length=32)]


class RecordConsent(Message, tag="record_consent"):
    """Agree, refuse, or withdraw (`granted` false after it was true)."""

    ref: Ref
    granted: bool
    text_version: Annotated[str, Meta(min_length=1, max_length=32)]


class RecordStop(Message, tag="record_stop"):
    """Stop recording; recording again means asking again."""

    ref: Ref


Command = Enter | Admit | Remove | Chat | Leave | End | RecordAsk | RecordConsent | RecordStop


# --- The connection itself -----------------------------------------------------------------------
class Hello(Message, tag="hello"):
    """First message on a socket: the leg to go on with (null: a new one), the last fact seen."""

    leg: UUID | None
    last_seq: Seq


class Ping(Message, tag="ping"):
    """Answered by `pong`."""


ClientMessage = Hello | Ping | Signal | Command


# --- From the server -----------------------------------------------------------------------------
class IceServerEntry(msgspec.Struct, omit_defaults=True):
    urls: list[str]
    username: str | None = None
    credential: str | None = None


class Welcome(Message, tag="welcome"):
    """The answer to `hello`. Times are ISO 8601 in UTC; `now` sets the call timer's clock."""

    you: UUID
    leg: UUID
    role: str
    name: str
    now: str
    state: str
    live_at: str | None
    may: list[str]
    ice_servers: list[IceServerEntry]
    recording_bitrate: int


class Fact(Message, tag="fact"):
    """One row of the call's history; `by` is the participant who caused it, if a person did."""

    seq: int
    at: str
    kind: FactKind
    by: UUID | None
    data: dict[str, Any]


class Peer(msgspec.Struct):
    """A leg that the receiver may exchange signals with; `polite` says how the receiver yields."""

    leg: UUID
    participant: UUID
    role: str
    name: str
    polite: bool


class Peers(Message, tag="peers"):
    """All legs that the receiver may signal with now; sent whenever that changes."""

    peers: list[Peer]


class Ok(Message, tag="ok"):
    """A command took effect; `seq` is the fact that it became."""

    ref: str
    seq: int


class Error(Message, tag="error"):
    """Something was refused and nothing changed; `ref` names the command, if it was one."""

    code: ErrorCode
    detail: str
    ref: str | None | UnsetType = UNSET


class Pong(Message, tag="pong"):
    """The server's clock, ISO 8601 in UTC."""

    now: str


ServerMessage = Welcome | Fact | Peers | Ok | Error | Pong | Signal


class ProtocolError(Exception):
    """A message that is refused; nothing changes because of it."""

    def __init__(self, code: ErrorCode, detail: str, *, ref: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.ref = ref


_CLIENT_TYPES: dict[str, type[Message]] = {
    str(cls.__struct_config__.tag): cls for cls in get_args(ClientMessage)
}
_server_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(ServerMessage)


def parse(raw: str) -> Message:
    """The client message in `raw`.

    Raises ProtocolError: `bad_json`, `bad_shape`, `unknown_type`, or `bad_field` naming the path.
    """
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as fault:
        raise ProtocolError(ErrorCode.BAD_JSON, "The message is not valid JSON.") from fault
    if not isinstance(value, dict):
        raise ProtocolError(ErrorCode.BAD_SHAPE, "The message must be a JSON object.")
    ref = value.get("ref")
    ref = ref if isinstance(ref, str) and len(ref) <= 36 else None
    tag = value.pop("t", None)
    if not isinstance(tag, str) or tag not in _CLIENT_TYPES:
        raise ProtocolError(ErrorCode.UNKNOWN_TYPE, "t: no such message type.", ref=ref)
    try:
        return msgspec.convert({**value, "t": tag}, _CLIENT_TYPES[tag])
    except msgspec.ValidationError as fault:
        code = ErrorCode.BAD_SDP if str(fault).endswith("`$.sdp`") else ErrorCode.BAD_FIELD
        raise ProtocolError(code, str(fault), ref=ref) from fault


def parse_server(raw: str | bytes) -> Message:
    """The server message in `raw`, for clients in Python; raises msgspec.ValidationError."""
    return _server_decoder.decode(raw)


def encode(message: Message) -> str:
    """The JSON text of a message."""
    return msgspec.json.encode(message).decode()
