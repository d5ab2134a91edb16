"""`make run`'s supervisor as a real process: what dies is revived, what ends takes all along."""

import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tests.support.group import ServerGroup
from tests.support.servers import wait_for

pytestmark = pytest.mark.browser  # it needs the machine for itself


@pytest.fixture
def group() -> Iterator[ServerGroup]:
    group = ServerGroup()
    try:
        yield group
    finally:
        group.stop()


def child_pid(group: ServerGroup, *words: str) -> int:
    """The eldest process of the group whose command line holds all `words`."""
    return min(pid for pid in group.processes() if all(word in _command(pid) for word in words))


def _command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
            return file.read().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def answers(group: ServerGroup) -> bool:
    try:
        with urllib.request.urlopen(f"{group.url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_it_revives_a_killed_child_and_ends_everything_on_sigterm(group: ServerGroup) -> None:
    group.start()
    assert "patient@example.com" in group.output()
    web = child_pid(group, "daphne")
    os.kill(web, signal.SIGKILL)
    wait_for(lambda: "web ended (killed by SIGKILL); starting it again" in group.output(), "told")
    wait_for(lambda: answers(group), "the portal answers again", secs=30)
    assert child_pid(group, "daphne") != web

    before = time.monotonic()
    os.kill(group.pid, signal.SIGTERM)
    assert group.wait(secs=10) == 0
    assert time.monotonic() - before < 10
    wait_for(lambda: group.processes() == set(), "nobody is left", secs=2)


def test_it_leaves_no_orphan_when_it_is_killed(group: ServerGroup) -> None:
    group.start()
    recorder = child_pid(group, "celery", "recorder")
    assert len(group.processes()) > 6  # pools fork
    os.kill(group.pid, signal.SIGKILL)
    wait_for(lambda: group.processes() == set(), f"all died, {recorder} too", secs=10)


def test_it_names_a_taken_port(group: ServerGroup) -> None:
    with socket.create_server(("127.0.0.1", group.port)):
        group.launch()
        assert group.wait(secs=20) == 1
    assert f"port {group.port} is in use" in group.output()
    assert "Traceback" not in group.output()


def test_it_refuses_a_port_that_is_no_number() -> None:
    group = ServerGroup(PORT="eight")
    try:
        group.launch()
        assert group.wait(secs=20) == 1
        assert "PORT must be a number" in group.output()
    finally:
        group.stop()


def test_it_keeps_the_secrets_of_the_demo_to_their_owner(server_group: ServerGroup) -> None:
    for name in ("secret_key", "recording_keys"):
        path = server_group.data_dir / "secrets" / name
        assert path.stat().st_mode & 0o777 == 0o600


def test_it_runs_once_in_one_data_folder(server_group: ServerGroup) -> None:
    second = ServerGroup(DATA_DIR=str(server_group.data_dir))
    try:
        second.launch()
        assert second.wait(secs=20) == 1
        assert "already runs" in second.output()
    finally:
        second.stop()
