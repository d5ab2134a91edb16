"""The desk over real web processes: many of them, Redis gone, and everybody coming at once."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from pytest_django import Settings
from websockets.sync.client import connect
from websockets.typing import Origin

from accounts.models import User
from calls.desk.states import EntryState, RingState
from calls.models import EntryEvent, EntryEventKind, Handling, QueueEntry, QueueOffer
from calls.services.desk import line
from tests.desk import house, invariants
from tests.support.cast import session_cookie
from tests.support.redis import MortalRedis
from tests.support.servers import wait_for
from tests.support.web import Line, web_process

pytestmark = pytest.mark.django_db(transaction=True)
ARRIVALS, AT_ONCE = 500, 12
CSRF = "c" * 32


@pytest.fixture
def mortal_redis(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> Iterator[MortalRedis]:
    mortal = MortalRedis(tmp_path_factory.mktemp("r"))
    mortal.start()
    settings.REDIS_URL = mortal.url
    yield mortal
    mortal.kill()


def post(url: str, path: str, *, cookie: str = "", address: str = "", **fields: str) -> int:
    """The status of what a browser of this session, or at this address, sends to a process."""
    server = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
        "cookie": "; ".join(filter(None, (f"csrftoken={CSRF}", cookie))),
        "x-csrftoken": CSRF,
    }
    if address:
        headers["x-forwarded-for"] = address
    server.request("POST", path, urlencode(fields), headers)
    try:
        return server.getresponse().status
    finally:
        server.close()


class Page:
    """An agent's page of the desk at one process."""

    def __init__(self, url: str, agent: User) -> None:
        self.url, self.cookie = url, session_cookie(agent)
        opening = connect(
            f"{url}/ws/desk/",
            additional_headers={"Cookie": self.cookie},
            origin=Origin(settings.PUBLIC_URL),
            max_queue=None,
        )
        self.socket = opening.__enter__()
        assert post(url, "/desk/state/", cookie=self.cookie, state="available") == 204

    def rings(self) -> dict[str, Any]:
        """What rings next."""
        while True:
            desk = json.loads(self.socket.recv(timeout=20))
            if desk["t"] == "desk" and desk["ringing"]:
                return dict(desk["ringing"])

    def accept(self, offer: str) -> None:
        status = post(self.url, f"/desk/ringing/{offer}/accept/", cookie=self.cookie)
        assert status in (200, 204, 302)


def get_ready(url: str, entry: QueueEntry) -> Line:
    """The person's page is past its device check, at this process."""
    page = Line(url, entry.call_id, entry.person)
    assert page.do("enter")["t"] == "ok"
    return page


def test_an_agent_at_one_process_gets_who_is_ready_at_another(redis_url: str) -> None:
    ada = house.person("Ada Brandt")
    entry = house.come(house.queue(ada), is_there=False)
    with web_process() as (first, _one), web_process() as (second, _two):
        desk = Page(first, ada)
        mei = get_ready(second, entry)
        rings = desk.rings()
        assert rings["entry"] == str(entry.pk)
        desk.accept(rings["offer"])
        assert mei.fact("admitted")["data"]["participant"] == mei.you
        invariants.check()


def test_the_desk_goes_on_while_redis_is_gone_and_when_it_is_back(
    mortal_redis: MortalRedis,
) -> None:
    agents = [house.person(name) for name in ("Ada Brandt", "Tomas Ruiz", "Ines Roy", "Juno Ek")]
    billing = house.queue(*agents)
    people = [house.come(billing, name, is_there=False) for name in ("Mei", "Sam", "Li", "Ola")]
    with web_process() as (first, _one), web_process() as (second, _two):
        urls = (first, second, first, second)
        desks = [Page(url, agent) for url, agent in zip(urls, agents, strict=True)]
        pages = [get_ready(second, people[0])]
        mortal_redis.kill()
        pages += [get_ready(url, one) for url, one in zip(urls, people[1:3], strict=False)]
        wait_for(lambda: ringing() == 3, "three agents are asked while Redis is gone")
        mortal_redis.start()
        pages.append(get_ready(first, people[3]))
        rings = [desk.rings() for desk in desks]
        assert sorted(one["entry"] for one in rings) == sorted(str(one.pk) for one in people)
        for desk, one in zip(desks, rings, strict=True):
            desk.accept(one["offer"])
        for page in pages:
            page.fact("admitted")
        invariants.check()
    offered = EntryEvent.objects.filter(kind=EntryEventKind.OFFERED)
    assert offered.count() == QueueOffer.objects.count() == Handling.objects.count() == 4


def ringing() -> int:
    return QueueOffer.objects.filter(state=RingState.RINGING).count()


def test_five_hundred_people_who_come_at_once_get_a_place_each(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "1")
    billing = house.queue()

    def come(number: int) -> int:
        return post(
            url,
            f"/talk/{billing.slug}/",
            address=f"198.51.{number // 250}.{number % 250 + 1}",
            kind="live",
            name=f"Person {number}",
            media="video",
        )

    with web_process() as (url, _process), ThreadPoolExecutor(AT_ONCE) as crowd:
        statuses = list(crowd.map(come, range(ARRIVALS)))
    assert statuses == [302] * ARRIVALS
    rows = QueueEntry.objects.filter(queue=billing, state=EntryState.WAITING)
    names = set(rows.values_list("name", flat=True))
    assert len(names) == rows.count() == rows.values("call").distinct().count() == ARRIVALS
    numbers = line.numbers()
    assert sorted(numbers.values()) == list(range(1, ARRIVALS + 1))
    in_turn = rows.order_by("arrived_at", "pk").values_list("pk", flat=True)
    assert [numbers[pk] for pk in in_turn] == list(range(1, ARRIVALS + 1))
