"""A small TURN client (RFC 8656) over UDP: allocates, and asks for peers of every kind."""

import hashlib
import hmac
import os
import socket
import struct
from ipaddress import ip_address
from types import TracebackType
from typing import Self

from calls.ice import IceServer

COOKIE = struct.pack("!I", 0x2112A442)
BINDING = 0x001
ALLOCATE, REFRESH, CREATE_PERMISSION, CHANNEL_BIND = 0x003, 0x004, 0x008, 0x009
USERNAME, INTEGRITY, ERROR_CODE, CHANNEL, LIFETIME = 0x0006, 0x0008, 0x0009, 0x000C, 0x000D
PEER, REALM, NONCE, FAMILY, TRANSPORT = 0x0012, 0x0014, 0x0015, 0x0017, 0x0019
UDP = struct.pack("!Bxxx", 17)
FORBIDDEN, UNAUTHORIZED, STALE_NONCE, QUOTA_REACHED = 403, 401, 438, 486
MISMATCH = 437

Attributes = dict[int, bytes]


class Refused(Exception):
    """The relay's answer is an error; `code` is its number (RFC 8489 section 14.8)."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def answers(port: int) -> bool:
    """Whether the relay on 127.0.0.1 answers a Binding request (RFC 8489 section 3)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.settimeout(1)
        asked.connect(("127.0.0.1", port))
        asked.send(struct.pack("!HH", BINDING, 0) + COOKIE + os.urandom(12))
        try:
            return bool(asked.recv(2048))
        except (TimeoutError, ConnectionRefusedError):
            return False


class TurnClient:
    """One allocation of a family (4 or 6) at the relay on 127.0.0.1, freed at the end."""

    def __init__(self, port: int, server: IceServer, *, family: int = 4) -> None:
        self._port = port
        self._username = (server.username or "").encode()
        self._password = (server.credential or "").encode()
        self._realm = self._nonce = b""
        self._channel = 0x4000
        family_number = 1 if family == 4 else 2
        self._allocate({TRANSPORT: UDP, FAMILY: bytes([family_number, 0, 0, 0])})

    def _allocate(self, attributes: Attributes) -> None:
        """From another port where the relay still knows this one (RFC 8656 section 7.4, 437)."""
        for tries_left in (2, 1, 0):
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.settimeout(1)
            self._socket.connect(("127.0.0.1", self._port))
            try:
                self._ask(ALLOCATE, attributes)
                return
            except Refused as refused:
                self._socket.close()
                if refused.code != MISMATCH or not tries_left:
                    raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._ask(REFRESH, {LIFETIME: bytes(4)})
        finally:
            self._socket.close()

    def permit(self, peer: str) -> None:
        """Ask that packets may go to `peer` and come from there; raises Refused."""
        self._ask(CREATE_PERMISSION, {}, peer=peer)

    def bind(self, peer: str) -> None:
        """The same by ChannelBind, which is another way through the relay's code."""
        self._channel += 1
        self._ask(CHANNEL_BIND, {CHANNEL: struct.pack("!Hxx", self._channel)}, peer=peer)

    def _ask(self, method: int, attributes: Attributes, *, peer: str = "") -> None:
        """Raises Refused; a challenge or a stale nonce is taken up once."""
        for again in (True, False):
            answer = self._exchange(method, attributes, peer)
            if ERROR_CODE not in answer:
                return
            code = answer[ERROR_CODE][2] * 100 + answer[ERROR_CODE][3]
            if code not in (UNAUTHORIZED, STALE_NONCE) or not again:
                raise Refused(code)
            self._realm, self._nonce = answer[REALM], answer[NONCE]

    def _exchange(self, method: int, attributes: Attributes, peer: str) -> Attributes:
        transaction = os.urandom(12)
        sent = dict(attributes)
        if peer:
            sent[PEER] = _xored(peer, transaction)
        request = self._signed(method, transaction, sent)
        for _ in range(5):
            self._socket.send(request)
            try:
                while (answer := self._socket.recv(2048))[8:20] != transaction:
                    continue
            except TimeoutError:
                continue
            return _attributes(answer)
        raise TimeoutError("the relay does not answer")

    def _signed(self, method: int, transaction: bytes, attributes: Attributes) -> bytes:
        if not self._nonce:
            return _message(method, transaction, attributes)
        named = {USERNAME: self._username, REALM: self._realm, NONCE: self._nonce, **attributes}
        secret = b":".join([self._username, self._realm, self._password])
        key = hashlib.md5(secret).digest()
        # The length that is signed counts the signature's own 24 bytes (RFC 8489 section 14.5).
        unsigned = _message(method, transaction, named, more=24)
        return unsigned + _attribute(INTEGRITY, hmac.new(key, unsigned, hashlib.sha1).digest())


def _message(method: int, transaction: bytes, attributes: Attributes, *, more: int = 0) -> bytes:
    body = b"".join(_attribute(kind, value) for kind, value in attributes.items())
    return struct.pack("!HH", method, len(body) + more) + COOKIE + transaction + body


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _attributes(message: bytes) -> Attributes:
    found, at = {}, 20
    while at < len(message):
        kind, length = struct.unpack_from("!HH", message, at)
        found[kind] = message[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4
    return found


def _xored(peer: str, transaction: bytes) -> bytes:
    """XOR-PEER-ADDRESS of port 9 (RFC 8489 section 14.2)."""
    address = ip_address(peer)
    mask = COOKIE + transaction
    hidden = bytes(a ^ b for a, b in zip(address.packed, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if address.version == 4 else 2, 9 ^ 0x2112) + hidden
