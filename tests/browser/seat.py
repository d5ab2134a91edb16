"""Somebody in front of a browser: signed in, at the call page, looking and clicking."""

import subprocess
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from tests.support.group import ServerGroup
from tests.support.people import KEEP_CONNECTIONS

PASSWORD = "parlour-demo"
PATIENT = "patient@example.com"
AGENT = "agent@example.com"

# A process that makes a visit for each line it reads: starting one for each would take seconds.
# The demo's own visit is freed first: an agent has one visit at a time.
NEW_VISITS = """
import sys
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from calls.models import Appointment, Service, TakenTime
from calls.services.scheduling import places
agent = User.objects.get(email="agent@example.com")
patient = User.objects.get(email="patient@example.com")
service = Service.objects.filter(recording_policy="ask", agents=agent).first()
for _ in sys.stdin:
    now = timezone.now()
    near = Appointment.objects.filter(agent=agent, starts_at__lt=now + timedelta(hours=2))
    near.filter(ends_at__gt=now - timedelta(hours=2)).update(state="cancelled")
    TakenTime.objects.filter(person__in=(agent, patient)).delete()
    call = places.open_call(service, agent, now)
    places.give_place(call, patient, zone=patient.zone)
    print(call.pk, flush=True)
"""

# `first` holds how many pictures each video had shown at the first look.
SEES_SOMEBODY = """(first) => [...document.querySelectorAll("[data-tile] video")].some((video) => {
    const { totalVideoFrames } = video.getVideoPlaybackQuality();
    first.set(video, Math.min(first.get(video) ?? Infinity, totalVideoFrames));
    return video.videoWidth > 0 && totalVideoFrames > first.get(video) + 4;
})"""
HEARS_SOMEBODY = """async () => {
    const all = await Promise.all(window.connections.map((connection) => connection.getStats()));
    return all.flatMap((rows) => [...rows.values()]).some(
        ({ type, totalAudioEnergy }) => type === "inbound-rtp" && totalAudioEnergy > 0);
}"""


# Signing in once a person is enough: what comes later gets the cookies of the first.
_cookies: dict[tuple[str, str], StorageState] = {}
_contexts: dict[tuple[Browser, str, str, str], BrowserContext] = {}


_makers: dict[str, "subprocess.Popen[str]"] = {}


def new_visit(group: ServerGroup) -> str:
    """The id of a call of the demo's patient and agent that may be joined now."""
    if group.url not in _makers:
        _makers[group.url] = group.start_command("shell", "-v", "0", "-c", NEW_VISITS)
    maker = _makers[group.url]
    assert maker.stdin is not None
    assert maker.stdout is not None
    maker.stdin.write("\n")
    maker.stdin.flush()
    return maker.stdout.readline().strip()


def _signed_in(browser: Browser, origin: str, email: str, script: str) -> BrowserContext:
    known = _cookies.get((origin, email))
    context = browser.new_context(base_url=origin, storage_state=known)
    context.set_default_timeout(20_000)
    context.add_init_script(KEEP_CONNECTIONS + script)
    if known is None:
        page = context.new_page()
        page.goto("/account/login/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/home/")
        _cookies[origin, email] = context.storage_state()
        page.close()
    return context


@dataclass
class Seat:
    """One person's browser; `page` is what they see."""

    page: Page

    @classmethod
    def sign_in(
        cls, browser: Browser, group: ServerGroup, email: str, *, script: str = "", origin: str = ""
    ) -> "Seat":
        """Sits down in a browser that keeps its cookies and its cache for the next seat."""
        key = (browser, origin or group.url, email, script)
        if key not in _contexts:
            _contexts[key] = _signed_in(*key)
        return cls(_contexts[key].new_page())

    def close(self) -> None:
        self.page.close()

    def open(self, call: str) -> None:
        """The device check of the visit."""
        self.page.goto(f"/calls/{call}/")
        self.sees("callState", "lobby")

    def join(self) -> None:
        self.page.locator('[data-action="join"]:enabled').click()

    def does(self, action: str) -> None:
        """Clicks the control of that name that can be seen."""
        self.page.locator(f'[data-action="{action}"]:visible').first.click()

    def sees(self, name: str, value: str) -> None:
        """Waits until the page says so of itself (data-* of its root)."""
        self.page.wait_for_function(
            "([name, value]) => document.documentElement.dataset[name] === value",
            arg=[name, value],
        )

    def reads(self, selector: str, text: str) -> None:
        """Waits until these words can be read there."""
        self.page.locator(selector, has_text=text).first.wait_for()

    def sees_somebody(self) -> None:
        """Waits until a few more pictures of somebody else have been shown."""
        first = self.page.evaluate_handle("() => new Map()")
        self.page.wait_for_function(SEES_SOMEBODY, arg=first)

    def hears_somebody(self) -> None:
        """Waits until a sound of somebody else has arrived."""
        self.page.wait_for_function(HEARS_SOMEBODY)


def seated(
    browsers: tuple[Browser, Browser], group: ServerGroup, *, script: str = ""
) -> tuple[Seat, Seat]:
    """A patient and an agent who have signed in."""
    patient = Seat.sign_in(browsers[0], group, PATIENT, script=script)
    return patient, Seat.sign_in(browsers[1], group, AGENT, script=script)


def in_call(
    browsers: tuple[Browser, Browser], group: ServerGroup, *, script: str = ""
) -> tuple[Seat, Seat]:
    """A patient and an agent who see each other."""
    patient, agent = seated(browsers, group, script=script)
    meet(new_visit(group), patient, agent)
    for seat in (patient, agent):
        seat.sees_somebody()
    return patient, agent


def meet(call: str, patient: Seat, agent: Seat) -> None:
    """The patient waits and the agent admits them."""
    patient.open(call)
    patient.join()
    patient.sees("callState", "waiting")
    agent.open(call)
    agent.join()
    agent.sees("callState", "live")
    agent.does("admit")
    patient.sees("callState", "live")
