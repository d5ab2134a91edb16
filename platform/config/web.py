"""`python -m config.web`: a web process, under the server that WEB_SERVER names.

Both serve the same application: Daphne, which needs nothing else, or uvicorn, which is faster. How
they are started stands here once, for `make run`, the image and the tests.
"""

import os
import sys

SERVERS = ("daphne", "uvicorn")
MESSAGE_LIMIT_BYTES = str(64 * 1024)
APPLICATION = "config.asgi:application"
# A peer that answers no ping is noticed within this and its half again, far below 25 s.
PING_SECS = "5"
END_WITHIN_SECS = "4"


def web_command(server: str, *, host: str, port: int, ping_secs: str = PING_SECS) -> list[str]:
    """The command line of a web process; raises ValueError for another server than these two."""
    python = [sys.executable, "-m", server]
    if server == "daphne":
        return [
            *python, "--bind", host, "--port", str(port), "--verbosity", "0", "--no-server-name",
            "--ping-interval", ping_secs, "--ping-timeout", ping_secs,
            "--websocket-max-message-size", MESSAGE_LIMIT_BYTES,
            "--websocket-max-frame-size", MESSAGE_LIMIT_BYTES, APPLICATION,
        ]  # fmt: skip
    if server == "uvicorn":
        return [
            *python, "--host", host, "--port", str(port), "--log-level", "warning",
            "--no-access-log", "--no-server-header", "--no-proxy-headers",
            "--ws", "config.uvicorn_sockets:Sockets", "--ws-max-size", MESSAGE_LIMIT_BYTES,
            "--ws-ping-interval", ping_secs, "--ws-ping-timeout", ping_secs,
            "--ws-per-message-deflate", "false",
            "--timeout-graceful-shutdown", END_WITHIN_SECS, APPLICATION,
        ]  # fmt: skip
    raise ValueError(f"WEB_SERVER must be daphne or uvicorn, not {server!r}.")


def main() -> None:
    """Become the web process; WEB_HOST and PORT say where it listens."""
    host, port = os.environ.get("WEB_HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    try:
        command = web_command(os.environ.get("WEB_SERVER", "daphne"), host=host, port=port)
    except ValueError as fault:
        sys.exit(f"Parlour cannot start: {fault}")
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
