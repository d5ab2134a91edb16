"""What Daphne's sockets have to do differently here.

Tried with Daphne 4.2.3 and Autobahn 26.10.2; tests with a real server fail first if that changes.

1. Consumers close with the standard codes 1003, 1009, 1012 and 1013 too. RFC 6455 section 7.4.1
   lets an endpoint send them; Autobahn allows an application only 1000 and 3000-4999 and raises.
2. A message for a socket that has just gone is dropped. Autobahn raises an error of its own, which
   Daphne logs as a fault of the application.
3. A socket that breaks RFC 6455 itself is told so before it is closed: 1007 for text that is not
   UTF-8, 1002 for a broken frame, 1009 for one too big. Autobahn would cut the line in silence.
4. Every socket has a pipe (calls/consumers/outbox.py): Daphne's own `send` never waits, so nothing
   but the size of the transport's buffer tells a slow reader.
5. A process that is asked to end closes every socket with 1012 at once, and then ends. Daphne
   cancels the applications and waits for them, however long they take.
6. An open socket lets go of the request that it began as (a fifth of what it would hold), and
   shares with all others what it never uses.
7. Autobahn writes out its options as text for every connection, for a line of the log that nobody
   reads: a tenth of what opening a socket costs.
"""

import asyncio
from collections import deque
from typing import Any

from autobahn.websocket import protocol as autobahn_protocol
from autobahn.websocket.protocol import TrafficStats
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import reactor as _reactor
from twisted.internet import tcp
from twisted.internet.defer import Deferred

from calls.consumers.outbox import PIPE
from calls.protocol import CloseCode
from calls.signaling import hub
from config.frames import text_frame

APPLICATION_CODES = range(3000, 5000)
GONE = (WebSocketProtocol.STATE_CLOSING, WebSocketProtocol.STATE_CLOSED)
# What is being answered when the process is asked to end may take this long.
END_WITHIN_SECS = 3.0
reactor: Any = _reactor  # its type depends on which one runs
_send = WebSocketProtocol.serverSend
_fail = WebSocketProtocol._fail_connection
_create_application = Server.create_application
_open = WebSocketProtocol.onOpen
# Autobahn counts the bytes of each socket; nobody asks.
_traffic = TrafficStats()  # type: ignore[no-untyped-call]
_putters: deque[Any] = deque()
_finished = asyncio.Event()


def fit_daphne() -> None:
    """Make Daphne do all of that."""
    WebSocketProtocol.serverClose = _close
    WebSocketProtocol.serverSend = _send_if_open
    WebSocketProtocol._fail_connection = _fail_with_code
    WebSocketProtocol.onOpen = _open_and_forget
    Server.create_application = _create_with_pipe
    Server.kill_all_applications = _end_softly
    setattr(autobahn_protocol, "pformat", str)  # noqa: B010  it is not for others to set


class DaphnePipe:
    """Writes to one socket's transport."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: WebSocketProtocol) -> None:
        self._protocol = protocol

    def write(self, text: str) -> None:
        """What the network takes now goes out now: Twisted would ask the reactor for each frame
        whether it may write, and send it a turn later."""
        protocol = self._protocol
        if protocol.state != WebSocketProtocol.STATE_OPEN:
            return
        frame = text_frame(text)
        transport = protocol.transport
        if transport.connected and not transport.disconnecting and not self.waiting_bytes():
            sent = transport.writeSomeData(frame)
            if sent == len(frame):
                return
            # A lost connection is an exception here: the reactor finds out in its own way.
            frame = frame[sent:] if isinstance(sent, int) else frame
        transport.write(frame)

    def waiting_bytes(self) -> int:
        """Twisted keeps what is being sent and what came since in two places."""
        transport = self._protocol.transport
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    def close(self, code: int) -> None:
        """Autobahn cuts the connection a second later if the other side does not answer."""
        _close(self._protocol, code)


def _create_with_pipe(server: Server, protocol: Any, scope: dict[str, Any]) -> Any:
    if scope["type"] == "websocket":
        scope["extensions"] = {PIPE: DaphnePipe(protocol)}
    queue = _create_application(server, protocol, scope)
    if queue is not None:
        # It has no bound that anybody would wait for, and nobody joins it.
        queue._putters, queue._finished = _putters, _finished
    return queue


def _open_and_forget(protocol: WebSocketProtocol) -> None:
    """The transport keeps the HTTP channel, and that its request, as what to pause while it is
    slow; outboxes see to that here."""
    _open(protocol)
    protocol.transport.unregisterProducer()
    protocol.clean_headers.clear()
    protocol.http_headers = protocol.request.headers = {}
    protocol.http_request_data = b""
    protocol._transport_details = None
    protocol.http_response_data = protocol.http_status_line = ""
    protocol.trafficStats = _traffic


def _close(protocol: WebSocketProtocol, code: int | None = None) -> None:
    if protocol.state != WebSocketProtocol.STATE_OPEN:
        return
    if code is None or code == 1000 or code in APPLICATION_CODES:
        protocol.sendClose(code=code or 1000)
    else:
        protocol.sendCloseFrame(code=code)


def _send_if_open(protocol: WebSocketProtocol, content: str | bytes, binary: bool = False) -> None:
    if protocol.state not in GONE:
        _send(protocol, content, binary)


def _fail_with_code(protocol: WebSocketProtocol, code: int, reason: str) -> None:
    protocol.failByDrop = False
    _fail(protocol, code, reason)


def _end_softly(server: Server) -> "Deferred[None]":
    """1. Nobody else comes in. 2. Every socket is closed. 3. What still runs gets a moment."""
    hub().restarting = True
    ports: list[Any] = [one for one in reactor.getReaders() if isinstance(one, tcp.Port)]
    for port in ports:
        port.stopListening()
    for protocol in list(server.connections):
        if isinstance(protocol, WebSocketProtocol):
            _close(protocol, CloseCode.RESTART)
    return Deferred.fromFuture(asyncio.ensure_future(_until_done(server)))


async def _until_done(server: Server) -> None:
    running = [details.get("application_instance") for details in server.connections.values()]
    tasks = [task for task in running if task is not None]
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=END_WITHIN_SECS)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=1.0)
