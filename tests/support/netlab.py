"""A small network on one machine: hosts that are network namespaces, joined by our own switch.

Nothing leads out of it. The addresses are public ones that nobody here uses, so that a relay with
the deployment's configuration lets them through.
"""

import asyncio
import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.support.netswitch import Switch
from tests.support.servers import missing

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
TUN = "/dev/net/tun"
CARD = "lan0"
NETWORK = "11.77.0"
_libc = ctypes.CDLL(None, use_errno=True)


def allows_networks() -> bool:
    """Whether this process may make namespaces and the cards in them."""
    if os.geteuid() != 0:
        return False
    tried = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True)
    if tried.returncode:
        return False
    try:
        os.close(os.open(TUN, os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True


class Host:
    """One namespace with one network card; `address` is what the others reach it by."""

    def __init__(self, name: str, number: int, folder: Path) -> None:
        self.name = name
        self.namespace = f"parlour{os.getpid()}-{name}"
        self._number = number
        self._folder = folder

    @property
    def address(self) -> str:
        return f"{NETWORK}.{self._number}"

    def command(self, *words: str) -> list[str]:
        """The command line that runs `words` in this host."""
        return ["nsenter", f"--net=/run/netns/{self.namespace}", *words]

    def wrapper(self, program: str) -> str:
        """The path of a script that runs `program` in this host, for Playwright."""
        script = self._folder / f"{self.name}-{Path(program).name}"
        script.write_text(f'#!/bin/sh\nexec {" ".join(self.command(program))} "$@"\n')
        script.chmod(0o755)
        return str(script)

    def move(self) -> None:
        """Give the host another address, as when Wi-Fi becomes mobile."""
        old, self._number = self.address, (self._number + 100) % 250
        self._ip("address", "del", f"{old}/24", "dev", CARD)
        self._address_up()

    def set_up(self) -> int:
        """Make the namespace and its card; returns the card's file descriptor."""
        _run("ip", "netns", "add", self.namespace)
        card = _open_card(self.namespace)
        self._ip("link", "set", "lo", "up")
        _run(*self.command("sysctl", "-qw", f"net.ipv6.conf.{CARD}.disable_ipv6=1"))
        self._ip("link", "set", CARD, "up")
        self._address_up()
        return card

    def take_down(self) -> None:
        subprocess.run(["ip", "netns", "del", self.namespace], check=False, capture_output=True)

    def _address_up(self) -> None:
        self._ip("address", "add", f"{self.address}/24", "dev", CARD)
        # A way out that leads nowhere: browsers gather nothing on a machine without one.
        self._ip("route", "replace", "default", "via", f"{NETWORK}.254", "dev", CARD)

    def _ip(self, *words: str) -> None:
        _run("ip", "-n", self.namespace, *words)


class Lab:
    """The hosts by name, and what may be done to what lies between them."""

    def __init__(self, hosts: dict[str, Host], switch: Switch) -> None:
        self.hosts = hosts
        self._switch = switch

    def __getitem__(self, name: str) -> Host:
        return self.hosts[name]

    def set_line(self, name: str, **values: Any) -> None:
        """Change `loss`, `delay`, `rate` or `cut` of a host's line (see netswitch.Line)."""
        for key, value in values.items():
            setattr(self._switch.lines[name], key, value)

    def block(self, name: str, protocol: str, port: int | None = None) -> None:
        """From now on no such packet comes from or to the host."""
        self._switch.lines[name].blocked.add((protocol, port))

    def part(self, one: str, other: str) -> None:
        """The two reach each other no more; others still reach both."""
        self._switch.apart.add(frozenset((one, other)))

    def clear(self) -> None:
        """All lines as they were at first."""
        self._switch.apart.clear()
        for name in self.hosts:
            line = self._switch.lines[name]
            line.loss = line.delay = line.rate = 0.0
            line.cut = False
            line.blocked.clear()


@contextmanager
def laboratory(*names: str) -> Iterator[Lab]:
    """Hosts of these names, gone afterwards; skips the test where the machine allows no network."""
    if not (shutil.which("ip") and shutil.which("nsenter") and shutil.which("sysctl")):
        missing("iproute2, util-linux or procps")
    if not allows_networks():
        # No command installs these rights: a container without them skips, also in CI.
        pytest.skip("network namespaces need root with CAP_NET_ADMIN and /dev/net/tun")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="parlour-lab-")))
        hosts = {name: Host(name, n, folder) for n, name in enumerate(names, start=1)}
        cards = {}
        for name, host in hosts.items():
            stack.callback(host.take_down)
            cards[name] = host.set_up()
            stack.callback(os.close, cards[name])
        switch = stack.enter_context(_switching(cards))
        yield Lab(hosts, switch)


@contextmanager
def _switching(cards: dict[str, int]) -> Iterator[Switch]:
    """The switch, in a thread with a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="switch", daemon=True)
    thread.start()

    async def make() -> Switch:
        return Switch(cards)

    switch = asyncio.run_coroutine_threadsafe(make(), loop).result(timeout=10)
    try:
        yield switch
    finally:
        loop.call_soon_threadsafe(switch.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


def _open_card(namespace: str) -> int:
    """A TAP device inside the namespace, opened from here.

    Only the calling thread visits the namespace, and it always comes back.
    """
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        _enter(there)
        card = os.open(TUN, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(card, TUNSETIFF, struct.pack("16sH22x", CARD.encode(), IFF_TAP | IFF_NO_PI))
        return card
    finally:
        _enter(here)
        os.close(here)
        os.close(there)


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
