"""The short way in: from the socket to a receiver without aiortc's queue, tasks and objects.

Tried with aiortc 1.16.0, aioice 0.13.0, pylibsrtp 1.0.0 and the selector event loop of Python
3.11. Once a connection's DTLS transport is up, datagrams that hold RTP or RTCP are taken before
aioice looks at them (STUN and DTLS go their stock way). When the first came over a socket of this
machine, that socket is taken off the event loop too: from then on what the kernel holds for it is
read ten times a second, with the time at which each datagram came. Packets that come through TURN
are taken as they come.

Where a private name is missing `Inlet.open` gives None, and everything goes the stock way, which
costs about eight times as much. tests/recorder/test_tap_contract.py names what is used.
"""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pylibsrtp
from aiortc.rtcdtlstransport import RTCDtlsTransport

from calls.recorder.datagrams import SLOT_BYTES, SLOTS, Datagrams, is_supported
from calls.recorder.rtp import FIRST_RTCP, HEAD, LAST_RTCP, Report, payload_bounds, sender_reports
from calls.recorder.source import Route

logger = logging.getLogger(__name__)

MOST_ROUTES = 64
# A hundred megabits a second: whoever floods a socket keeps nobody else waiting.
MOST_READS = 16
# Four megabits a second for a beat that comes a second late; the kernel may allow less.
RECEIVE_BUFFER_BYTES = 512 * 1024

_rooms = threading.local()


class Mouth(NamedTuple):
    """What an inlet hands over to."""

    route: Callable[[Any, int, int], Route | None]
    """By the receiver that aiortc's router names, payload type and SSRC."""
    report: Callable[[Report, float], None]
    fault: Callable[[str, Exception], None]


class _RouterKey(NamedTuple):
    """As much of a packet as aiortc's router looks at."""

    ssrc: int
    payload_type: int


class Inlet:
    """Takes the media datagrams of one DTLS transport."""

    def __init__(self, transport: RTCDtlsTransport, mouth: Mouth) -> None:
        self._mouth = mouth
        self._router: Any = transport._rtp_router
        self._session = transport._rx_srtp
        self._sending = transport._tx_srtp
        self._srtp = self._session._srtp[0]
        self._connection = transport.transport._connection
        self._protocols = list(self._connection._protocols)
        self._room = _room()
        self._routes: dict[int, Route | None] = {}
        self._drained: dict[Any, socket.socket] = {}
        self.packets = 0
        self.refused = 0

    @classmethod
    def open(cls, transport: RTCDtlsTransport, mouth: Mouth) -> "Inlet | None":
        """Take over a transport that is up; None if this release of aiortc does not allow it."""
        try:
            inlet = cls(transport, mouth)
        except (AttributeError, ImportError, TypeError):
            logger.exception("no short way in: everything is taken aiortc's way")
            return None
        for protocol in inlet._protocols:
            stock = protocol.datagram_received
            taking = partial(inlet._take_datagram, protocol, stock)
            setattr(protocol, "datagram_received", taking)  # noqa: B010
        return inlet

    def close(self) -> None:
        """Give everything back: what comes goes the stock way again."""
        loop: Any = asyncio.get_running_loop()
        for protocol, sock in self._drained.items():
            if sock.fileno() >= 0 and not protocol.transport.is_closing():
                loop._add_reader(sock.fileno(), protocol.transport._read_ready)
        self._drained.clear()
        for protocol in self._protocols:
            vars(protocol).pop("datagram_received", None)

    def forget_routes(self) -> None:
        self._routes.clear()

    def send(self, packet: bytes) -> None:
        """Send a compound of RTCP packets at once; nothing if the connection is closed."""
        pair = self._connection._nominated.get(1)
        if pair is None:
            return
        data = self._sending.protect_rtcp(packet)
        pair.protocol.transport.sendto(data, pair.remote_addr)

    def drain(self) -> None:
        """Take all that waits on the sockets that were taken off the event loop."""
        for protocol, sock in tuple(self._drained.items()):
            descriptor = sock.fileno()
            if descriptor < 0 or protocol.transport.is_closing():
                del self._drained[protocol]
                continue
            try:
                for _ in range(MOST_READS):
                    if self._read(protocol, descriptor) < SLOTS:
                        break
            except OSError as exc:
                protocol.error_received(exc)

    def _read(self, protocol: Any, descriptor: int) -> int:
        datagrams = self._room.datagrams
        count = datagrams.read(descriptor)
        if not count:
            return 0
        memory = datagrams.memory
        try:
            for start, length, at in datagrams.arrivals(count):
                if 127 < memory[start] < 192:
                    self._take(start, length, at)
                else:
                    data = bytes(memory[start : start + length])
                    sender = datagrams.sender(start // SLOT_BYTES)
                    try:
                        type(protocol).datagram_received(protocol, data, sender)
                    except Exception as exc:
                        self._mouth.fault("A datagram beside the media could not be taken.", exc)
        finally:
            datagrams.clear(count)
        return count

    def _take_datagram(
        self, protocol: Any, stock: Callable[[bytes, Any], None], data: bytes, addr: Any
    ) -> None:
        """In place of StunProtocol.datagram_received: while a socket is on the event loop."""
        if not 12 <= len(data) <= SLOT_BYTES or not 127 < data[0] < 192:
            stock(data, addr)
            return
        self._room.datagrams.memory[: len(data)] = data
        self._take(0, len(data), time.time())
        self._take_off(protocol)

    def _take_off(self, protocol: Any) -> None:
        """Have a socket of this machine read by drain() from now on."""
        sock = getattr(protocol.transport, "_sock", None)
        loop: Any = asyncio.get_running_loop()
        if not isinstance(sock, socket.socket) or protocol in self._drained:
            return
        if not hasattr(loop, "_remove_reader"):
            return
        self._room.datagrams.stamp(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        loop._remove_reader(sock.fileno())
        self._drained[protocol] = sock

    def _take(self, start: int, length: int, arrived_at: float) -> None:
        """Take the RTP or RTCP datagram at that place in the room."""
        room = self._room
        memory = room.memory
        first, second, sequence, timestamp, ssrc, _, words = HEAD.unpack_from(memory, start)
        if FIRST_RTCP <= second <= LAST_RTCP:
            self._take_rtcp(bytes(memory[start : start + length]), arrived_at)
            return
        room.length[0] = length
        if length < 12 or room.unprotect(self._srtp, room.places[start], room.length):
            self.refused += 1
            return
        self.packets += 1
        payload_type = second & 0x7F
        try:
            route = self._routes[payload_type << 32 | ssrc]
        except KeyError:
            route = self._find(ssrc, payload_type)
        if route is None:
            return
        end = start + room.length[0]
        # Most packets have an extension and nothing else; the others take the long way.
        if first == 0x90:
            at = start + 16 + 4 * words
        else:
            at, end = payload_bounds(memory, start, end)
        try:
            route.take(sequence, timestamp, second > 127, room.bytes[at:end], arrived_at)
        except Exception as exc:
            self._mouth.fault("A packet could not be taken.", exc)

    def _take_rtcp(self, data: bytes, arrived_at: float) -> None:
        try:
            compound = self._session.unprotect_rtcp(data)
        except (ValueError, pylibsrtp.Error):
            self.refused += 1
            return
        for report in sender_reports(compound):
            self._mouth.report(report, arrived_at)

    def _find(self, ssrc: int, payload_type: int) -> Route | None:
        """Ask aiortc's router once for each SSRC and payload type."""
        receiver = self._router.route_rtp(_RouterKey(ssrc, payload_type))
        route = None if receiver is None else self._mouth.route(receiver, payload_type, ssrc)
        if len(self._routes) < MOST_ROUTES:
            self._routes[payload_type << 32 | ssrc] = route
        return route


class _Room:
    """Memory that all inlets of an event loop share, as Python and as libsrtp see it."""

    def __init__(self) -> None:
        binding: Any = pylibsrtp
        ffi = binding.ffi
        if not is_supported():
            raise AttributeError("This system has no recvmmsg, or another one.")
        self.unprotect = binding.lib.srtp_unprotect
        self.datagrams = Datagrams()
        self.memory = self.datagrams.memory
        self._whole = ffi.from_buffer(self.memory)
        starts = range(0, SLOTS * SLOT_BYTES, SLOT_BYTES)
        self.places = {start: self._whole + start for start in starts}
        self.bytes = ffi.buffer(self._whole, len(self.memory))
        self.length = ffi.new("int *")


def _room() -> _Room:
    if not hasattr(_rooms, "room"):
        _rooms.room = _Room()
    room: _Room = _rooms.room
    return room
