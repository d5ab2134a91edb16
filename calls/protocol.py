"""Every message on the signaling socket, declared once. Knows no Django and no socket.

`manage.py messages` writes static/js/call/messages.js and the tables of docs/protocol.md from it.
Unknown fields are refused and every bound is stated, so a message that decodes (calls/wire.py) is
well formed; whether it is allowed is the business of the services.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from calls.bounds import ERRORS_PER_MINUTE as ERRORS_PER_MINUTE
from calls.bounds import HELLO_TIMEOUT_SECS as HELLO_TIMEOUT_SECS
from calls.bounds import MAX_CANDIDATES_PER_PAIR as MAX_CANDIDATES_PER_PAIR
from calls.bounds import MAX_MESSAGE_BYTES as MAX_MESSAGE_BYTES
from calls.bounds import MAX_SDP_BYTES as MAX_SDP_BYTES
from calls.bounds import MESSAGE_BURST as MESSAGE_BURST
from calls.bounds import MESSAGES_PER_SEC as MESSAGES_PER_SEC
from calls.bounds import OPENINGS_PER_MINUTE as OPENINGS_PER_MINUTE
from calls.bounds import SAMPLE_EVERY_SECS as SAMPLE_EVERY_SECS
from calls.bounds import CandidateType as CandidateType
from calls.bounds import Flow as Flow
from calls.bounds import Kbps, Millis, Pixels, Sdp, Seq, Share, Token
from calls.bounds import Message as Message
from calls.bounds import Number as Number
from calls.bounds import Rung as Rung
from calls.codes import CloseCode as CloseCode
from calls.codes import ErrorCode as ErrorCode
from calls.codes import FactKind as FactKind
from calls.commands import Admit as Admit
from calls.commands import Chat as Chat
from calls.commands import Command as Command
from calls.commands import End as End
from calls.commands import Enter as Enter
from calls.commands import Hold as Hold
from calls.commands import Leave as Leave
from calls.commands import RecordAsk as RecordAsk
from calls.commands import RecordConsent as RecordConsent
from calls.commands import RecordStop as RecordStop
from calls.commands import Remove as Remove
from calls.commands import Resume as Resume
from calls.commands import Supervise as Supervise


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

    `flow`: whether the receiver may send its own sound and picture to that leg, and play what comes
    from there. With "none" the connection stays, and carries nothing of either person.
    `warm`: one of the two still waits to be admitted. They connect, and see nothing of each other.
    `quality`: of a recorder, what it is to be sent: "audio", "small" or "full".
    """

    leg: UUID
    participant: UUID
    role: str
    name: str
    polite: bool
    warm: bool = False
    flow: Flow = "both"
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


class Place(Message, tag="place"):
    """Where somebody stands in a queue, told whenever that changes; 1 is next, 0 not in line now.

    `rings`: an agent is being asked now; `agents` work for the queue. Half of the people wait no
    longer than `middle_secs`, eight of ten between `least_secs` and `most_secs`; null where nothing
    is known.
    """

    number: int
    rings: bool
    agents: int
    least_secs: int | None = None
    middle_secs: int | None = None
    most_secs: int | None = None


class Pong(Message, tag="pong"):
    """The server's clock, ISO 8601 in UTC."""

    now: str


ServerMessage = Welcome | Ice | Fact | Peers | Place | Ok | Error | Pong | Signal
