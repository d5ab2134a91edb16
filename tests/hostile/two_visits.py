"""Two visits and the people in front of them: what a state machine of visits is written with."""

import asyncio
from datetime import timedelta
from itertools import count

from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine

from accounts.models import Role
from calls.models import CallSession, Leg, Participant, Recording, Service
from tests.hostile.rows import Rows, is_over, knows_all, last_seq, legs_to_talk_to, state_of
from tests.hostile.tabs import Tab
from tests.support.cast import person, session_cookie, visit

PEOPLE = ("mei", "ada", "sam", "tomas")
_visits = count()


class TwoVisits(RuleBasedStateMachine):
    """Mei visits Ada, Sam visits Tomas; each may open tabs, at the other visit's address too."""

    def __init__(self) -> None:
        super().__init__()
        number = next(_visits)
        self.runner = asyncio.Runner()
        self.users = {
            name: person(
                f"{name}-{number}@example.com",
                name,
                Role.AGENT if name in ("ada", "tomas") else Role.PATIENT,
            )
            for name in PEOPLE
        }
        self.cookies = {name: session_cookie(user) for name, user in self.users.items()}
        first = self._book("mei", "ada")
        self.calls = {"mei": first, "ada": first}
        second = self._book("sam", "tomas")
        self.calls |= {"sam": second, "tomas": second}
        self.tabs: list[Tab] = []
        self.old_legs: dict[str, str] = {}
        self.owner = f"worker-{number}"
        self.numbers = count(1)
        self.told: set[tuple[str, str, int]] = set()  # receiver's leg, sender's leg, number
        self.rows = Rows()

    def _book(self, patient: str, agent: str) -> CallSession:
        service = Service.objects.get()
        soon = timezone.now() + timedelta(minutes=5)
        users = (self.users[patient], self.users[agent])
        return visit(users[0], users[1], service, starts_at=soon).call

    def teardown(self) -> None:
        async def all_gone() -> None:
            for tab in self.tabs:
                await tab.hang_up()

        self.runner.run(all_gone())
        self.runner.close()

    def _open(self, tab: Tab, leg: str | None) -> Tab:
        async def come() -> None:
            await tab.open()
            await tab.hello(leg)

        self.runner.run(come())
        return tab

    def _do(self, tab: Tab, t: str, **fields: object) -> str:
        answer = self.runner.run(tab.do(t, **fields))
        return str(answer.get("code", answer["t"]))

    def _catch_up(self, tab: Tab) -> None:
        """Wait until the tab knows all, or is closed as it must be."""
        code = self._must_be_closed(tab)
        if code is not None:
            self.runner.run(tab.until(lambda: tab.closed, f"the close code {code}"))
        else:
            seq, peers = last_seq(tab.call), legs_to_talk_to(tab.leg)
            news = f"fact {seq} and the peers {peers}"
            self.runner.run(tab.until(lambda: tab.closed or knows_all(tab, seq, peers), news))
        assert tab.closed == code, tab.who

    def _must_be_closed(self, tab: Tab) -> int | None:
        if is_over(tab.call):
            return 4410
        if state_of(tab.you) == "removed":
            return 4403
        if tab.has_left:
            return None  # it stays, to offer the way back in
        newer = Leg.objects.exclude(state="closed").filter(participant_id=tab.you)
        return 4409 if newer.exclude(pk=tab.leg).exists() else None

    def _is_agent_within(self, tab: Tab) -> bool:
        return self._role(tab) == "agent" and state_of(tab.you) == "admitted"

    def _queued(self) -> Recording | None:
        return Recording.objects.filter(call__in=self.calls.values(), state="queued").first()

    def _role(self, tab: Tab) -> str:
        return str(Participant.objects.values_list("role", flat=True).get(pk=tab.you))
