"""What the messages of the signaling socket are made of: bounds, kinds of fields, their base."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

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
# What a page may do with one connection: send its own, play what comes, both, or neither.
Flow = Literal["both", "send", "receive", "none"]
Manner = Literal["listen", "whisper", "join"]
Rung = Literal["full", "small", "audio", "text"]
Sdp = Annotated[str, Meta(min_length=1, max_length=MAX_SDP_BYTES)]
# No NUL: PostgreSQL stores none in JSON.
Text = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]


class Message(msgspec.Struct, forbid_unknown_fields=True, tag_field="t", omit_defaults=True):
    """A message; its tag `t` is declared by each subclass."""
