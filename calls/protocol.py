"""Every message on the signaling socket, declared once. Knows no Django and no socket.

`manage.py messages` writes static/js/call/messages.js and the tables of docs/protocol.md from it.
Unknown fields are refused and every bound is stated, so a message that decodes (calls/wire.py) is
well formed; whether it is allowed is the business of the services.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from calls.codes import CloseCode as CloseCode
from calls.codes import ErrorCode as ErrorCode
from calls.codes import FactKind as FactKind

MAX_MESSAGE_BYTES = 64 * 1024
MAX_SDP_BYTES = 32 * 1024
MAX_CANDIDATES_PER_PAIR = 50
MESSAGES_PER_SEC = 20
MESSAGE_BURST = 120
ERRORS_PER_MINUTE = 10
OPENINGS_PER_MINUTE = 60
HELLO_TIMEOUT_SECS = 10
SAMPLE_EVERY_SECS = 5

Ref = Annotated[str, Meta(min_length=1, max_length=36, pattern=r"^[A-Za-z0-9_-]+$")]
Number = Annotated[int, Meta(ge=1, le=2**31)]
Seq = Annotated[int, Meta(ge=0, le=2**53)]
Token = Annotated[str, Meta(min_length=1, max_length=512)]
Share = Annotated[float, Meta(ge=0, le=1)]
Millis = Annotated[int, Meta(ge=0, le=600_000)]
Kbps = Annotated[int, Meta(ge=0, le=10_000_000)]
Pixels = Annotated[int, Meta(ge=0, le=16_384)]
CandidateType = Literal["host", "srflx", "prflx", "relay"]
Rung = Literal["full", "small", "audio", "text"]
Sdp = Annotated[str, Meta(min_length=1, max_length=MAX_SDP_BYTES)]
# No NUL: PostgreSQL stores none in JSON.
Text = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]


class Message(msgspec.Struct, forbid_unknown_fields=True, tag_field="t", omit_defaults=True):
    """A message; its tag `t` is declared by each subclass."""


# --- Signals: relayed from leg to leg, kept by the sender until acknowledged --------------------
# `leg`: receiver on the way in, sender on the way out. `n`: 1, 2, 3 ... per pair and direction.
class Description(Message, tag="description"):
    """An SDP offer or answer (W3C WebRTC, RTCSessionDescription).

    `to`, in answers only, is the number of the offer that is answered: one that no longer stands
    has no use for it.
    """

    leg: UUID
    n: Number
    type: Literal["offer", "answer"]
    sdp: Sdp
    to: Number | None = None


class Candidate(Message, tag="candidate"):
    """An ICE candidate, or an empty one at the end of a generation (RTCIceCandidateInit)."""

    leg: UUID
    n: Number
    candidate: Annotated[str, Meta(max_length=1024, pattern=r"^(candidate:|$)")]
    sdp_mid: Annotated[str, Meta(max_length=64)] | None = None
    sdp_mline_index: Annotated[int, Meta(ge=0, le=16)] | None = None
    username_fragment: Annotated[str, Meta(max_length=256)] | None = None


class Media(Message, tag="media"):
    """Which own tracks carry something (false: muted, camera off), on which rung of the ladder."""

    leg: UUID
    n: Number
    audio: bool
    video: bool
    rung: Rung = "full"


class Blank(Message, tag="blank"):
    """Nothing comes under this number: what its sender had put there was refused for good."""

    leg: UUID
    n: Number


class Ack(Message, tag="ack"):
    """Every signal up to `n` from that leg has arrived."""

    leg: UUID
    n: Annotated[int, Meta(ge=0, le=2**31)]


Signal = Description | Candidate | Media | Blank | Ack


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
    """First message on a socket: the leg to go on with (null: a new one), the last fact seen.

    `token` is the page's join token, good once and for a minute; without one, or when it is spent,
    the session of the request says who it is.
    """

    leg: UUID | None
    last_seq: Seq
    token: Token | None = None


class Ping(Message, tag="ping"):
    """Answered by `pong`."""


class Sample(Message, tag="sample"):
    """What the connection to `leg` is like, for the flight recorder.

    At most one for each other leg in SAMPLE_EVERY_SECS; loss is a share of the packets since it was
    last known, left out while they are too few to say; `in` is what comes from the other leg.
    """

    leg: UUID
    rung: Rung
    state: Literal["connecting", "connected", "reconnecting"]
    loss_in: Share | None = None
    loss_out: Share | None = None
    round_trip_ms: Millis = 0
    jitter_ms: Millis = 0
    in_kbps: Kbps = 0
    out_kbps: Kbps = 0
    available_kbps: Kbps | None = None
    in_width: Pixels = 0
    in_height: Pixels = 0
    in_fps: Annotated[int, Meta(ge=0, le=240)] = 0
    local: CandidateType | None = None
    remote: CandidateType | None = None
    protocol: Literal["udp", "tcp", "tls"] | None = None


ClientMessage = Hello | Ping | Sample | Signal | Command


# --- From the server -----------------------------------------------------------------------------
class IceServerEntry(msgspec.Struct, omit_defaults=True):
    """A STUN or TURN server as the browser takes it (RTCIceServer)."""

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
    recording_bitrate: int


class Ice(Message, tag="ice"):
    """The servers for this leg's connections, from now on; comes again before they lapse.

    `policy` is RTCConfiguration's `iceTransportPolicy`: with `relay` no other candidate may leave.
    """

    servers: list[IceServerEntry]
    policy: Literal["all", "relay"]
    expires_at: str


class Fact(Message, tag="fact"):
    """One row of the call's history; `by` is the participant who caused it, if a person did."""

    seq: int
    at: str
    kind: FactKind
    by: UUID | None
    data: dict[str, Any]


class Peer(msgspec.Struct):
    """A leg that the receiver may exchange signals with; `polite` says how the receiver yields.

    `warm`: one of the two still waits to be admitted. They connect, and nothing is sent or shown.
    `quality`: of a recorder, what it is to be sent: "audio", "small" or "full".
    """

    leg: UUID
    participant: UUID
    role: str
    name: str
    polite: bool
    warm: bool = False
    quality: str = ""


class Peers(Message, tag="peers"):
    """All legs that the receiver may signal with now; sent whenever that changes."""

    peers: list[Peer]


class Ok(Message, tag="ok"):
    """A command took effect; `seq` is the fact that it became."""

    ref: str
    seq: int


class Error(Message, tag="error"):
    """Something was refused and nothing changed; `ref` names the command, if it was one.

    `leg` and `n` name a signal that will never be taken: its sender says `blank` in its place.
    """

    code: ErrorCode
    detail: str
    ref: str | None | UnsetType = UNSET
    leg: UUID | None = None
    n: int | None = None


class Pong(Message, tag="pong"):
    """The server's clock, ISO 8601 in UTC."""

    now: str


ServerMessage = Welcome | Ice | Fact | Peers | Ok | Error | Pong | Signal
