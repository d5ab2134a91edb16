"""Lets consumers close a socket with the standard codes 1003, 1009, 1012 and 1013 under Daphne.

RFC 6455 section 7.4.1 lets an endpoint send them; Autobahn, below Daphne, allows an application
only 1000 and 3000-4999 and raises for the rest. Tried with Daphne 4.2.3 and Autobahn 26.10.2; a
test with a real server fails first if a later one changes.
"""

from daphne.ws_protocol import WebSocketProtocol

APPLICATION_CODES = range(3000, 5000)


def allow_standard_close_codes() -> None:
    """Make Daphne pass every close code on as it is."""
    WebSocketProtocol.serverClose = _close


def _close(protocol: WebSocketProtocol, code: int | None = None) -> None:
    if code is None or code == 1000 or code in APPLICATION_CODES:
        protocol.sendClose(code=code or 1000)
    else:
        protocol.sendCloseFrame(code=code)
