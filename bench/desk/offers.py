"""How soon an offer is in the browser of an agent who becomes available.

One web process on SQLite and Redis as `make run` has it, with the pages of twenty agents open and a
hundred people in line. One agent after the other says *Available*, hears what rings, and says
*Break*, which gives it back.
"""

import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any

from bench.child import ROOT, Child
from bench.client.socket import WebSocket
from bench.report import Row, alone
from bench.signaling.servers import Ground, Server
from config.child import leash

OFFERS, AGENTS, PEOPLE = 200, 20, 100
MOST_MILLIS = 300
CSRF = "c" * 32


def rows() -> list[Row]:
    with Ground() as ground, ground.server("Daphne") as server, _House(ground) as house:
        cookies = house.ask("open")["cookies"]
        told, answered = asyncio.run(_offer_all(server, cookies))
    what = f"Available to the offer in the browser, {AGENTS} agents"
    goal = f"ours <= {MOST_MILLIS}"
    return [
        alone(f"{what}: median", "ms", ours=told, goal=goal),
        alone(f"{what}: 95th percentile", "ms", ours=[_p95(told)], goal=goal),
        alone("the answer to Available: median", "ms", ours=answered),
    ]


class _House(Child):
    """Makes queue, agents and people in the database of the server, with its keys."""

    def __init__(self, ground: Ground) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.desk.counter", str(AGENTS), str(PEOPLE)],
            cwd=ROOT, env=ground.env(1), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=leash(os.getpid()),
        )  # fmt: skip


class _Page:
    """The desk's page of one agent."""

    def __init__(self, server: Server, cookie: str) -> None:
        self._server = server
        self._cookie = cookie
        self._told = asyncio.Event()
        self._rings: bool | None = None
        self._at = 0.0

    async def open(self) -> None:
        await WebSocket.open(
            f"ws://127.0.0.1:{self._server.port}/ws/desk/",
            on_text=self._hear,
            on_close=lambda code: None,
            headers={"Cookie": self._cookie, "Origin": f"http://localhost:{self._server.port}"},
        )
        await self.until(rings=False)

    def _hear(self, text: bytes) -> None:
        message: dict[str, Any] = json.loads(text)
        if message["t"] == "desk":
            self._rings, self._at = message["ringing"] is not None, time.perf_counter()
            self._told.set()

    async def until(self, *, rings: bool) -> float:
        """When it was told so, by the clock of `perf_counter`; raises TimeoutError."""
        async with asyncio.timeout(20):
            while self._rings is not rings:
                self._told.clear()
                await self._told.wait()
        return self._at

    async def choose(self, state: str) -> float:
        """Returns when the answer had come."""
        return await asyncio.to_thread(self._post, f"state={state}")

    def _post(self, body: str) -> float:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=20)
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
            "cookie": f"csrftoken={CSRF}; {self._cookie}",
            "x-csrftoken": CSRF,
        }
        connection.request("POST", "/desk/state/", body, headers)
        answer = connection.getresponse()
        answered = time.perf_counter()
        connection.close()
        if answer.status != 204:
            raise RuntimeError(f"/desk/state/ answered {answer.status}")
        return answered


async def _offer_all(server: Server, cookies: list[str]) -> tuple[list[float], list[float]]:
    """How long after the choice was posted each offer was told and the post was answered, in ms."""
    pages = [_Page(server, cookie) for cookie in cookies]
    for page in pages:
        await page.open()
    told, answered = [], []
    for number in range(OFFERS):
        page = pages[number % len(pages)]
        begun = time.perf_counter()
        answer = asyncio.create_task(page.choose("available"))
        told.append((await page.until(rings=True) - begun) * 1000)
        answered.append((await answer - begun) * 1000)
        await page.choose("break")
        await page.until(rings=False)
    return told, answered


def _p95(millis: list[float]) -> float:
    return statistics.quantiles(millis, n=20)[-1]
