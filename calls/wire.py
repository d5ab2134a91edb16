"""How a text becomes a message of calls/protocol.py and back, and what is said when it does not.

Knows no Django and no socket, as the messages themselves.
"""

from typing import Any, get_args
from uuid import UUID

import msgspec

from calls.codes import ErrorCode
from calls.protocol import ClientMessage, Message, Number, ServerMessage

MAX_DETAIL = 200


class ProtocolError(Exception):
    """A message that is refused; nothing changes because of it."""

    def __init__(
        self,
        code: ErrorCode,
        detail: str,
        *,
        ref: str | None = None,
        leg: UUID | None = None,
        n: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.ref = ref
        self.leg = leg
        self.n = n


_CLIENT_TYPES: dict[str, type[Message]] = {
    str(cls.__struct_config__.tag): cls for cls in get_args(ClientMessage)
}
_NUMBERED = {"description", "candidate", "media", "blank"}


class _Named(msgspec.Struct):
    leg: UUID
    n: Number


_client_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(ClientMessage)
_server_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(ServerMessage)


def parse(raw: str) -> Message:
    """The client message in `raw`.

    Raises ProtocolError: `bad_json`, `bad_shape`, `unknown_type`, or `bad_field` naming the path.
    """
    try:
        return _client_decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        return _parse_slowly(raw)


def _parse_slowly(raw: str) -> Message:
    """As `parse`, but finds out what is wrong."""
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
        # An unknown field is named, and its name may be as long as the message.
        leg, n = _signal_named_by(value) if tag in _NUMBERED else (None, None)
        raise ProtocolError(code, str(fault)[:MAX_DETAIL], ref=ref, leg=leg, n=n) from fault


def _signal_named_by(value: dict[str, Any]) -> tuple[UUID | None, int | None]:
    """The leg and the number of a signal that is refused for good, if it has proper ones."""
    try:
        named = msgspec.convert({"leg": value.get("leg"), "n": value.get("n")}, _Named)
    except msgspec.ValidationError:
        return None, None
    return named.leg, named.n


def parse_server(raw: str | bytes) -> Message:
    """The server message in `raw`, for clients in Python; raises msgspec.ValidationError."""
    return _server_decoder.decode(raw)


def encode(message: msgspec.Struct) -> str:
    """The JSON text of a message."""
    return msgspec.json.encode(message).decode()
