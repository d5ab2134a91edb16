"""Three things that Daphne's sockets have to do differently here.

Tried with Daphne 4.2.3 and Autobahn 26.10.2; tests with a real server fail first if that changes.

1. Consumers close with the standard codes 1003, 1009, 1012 and 1013 too. RFC 6455 section 7.4.1
   lets an endpoint send them; Autobahn allows an application only 1000 and 3000-4999 and raises.
2. A message for a socket that has just gone is dropped. Autobahn raises an error of its own, which
   Daphne logs as a fault of the application.
3. A socket that breaks RFC 6455 itself is told so before it is closed: 1007 for text that is not
   UTF-8, 1002 for a broken frame, 1009 for one too big. Autobahn would cut the line in silence.
"""

from daphne.ws_protocol import WebSocketProtocol

APPLICATION_CODES = range(3000, 5000)
GONE = (WebSocketProtocol.STATE_CLOSING, WebSocketProtocol.STATE_CLOSED)
_send = WebSocketProtocol.serverSend
_fail = WebSocketProtocol._fail_connection


def fit_daphne() -> None:
    """Make Daphne do all three."""
    WebSocketProtocol.serverClose = _close
    WebSocketProtocol.serverSend = _send_if_open
    WebSocketProtocol._fail_connection = _fail_with_code


def _close(protocol: WebSocketProtocol, code: int | None = None) -> None:
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
