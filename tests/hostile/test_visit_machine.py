"""People in two visits do anything in any order; a model knows what they may and will hear."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from calls.models import Leg, Participant
from calls.services import attendance
from calls.services import recording as recordings
from tests.hostile.descriptions import OFFER
from tests.hostile.rows import (
    check_history,
    check_numbers,
    is_over,
    legs_to_talk_to,
    state_of,
)
from tests.hostile.tabs import Tab
from tests.hostile.two_visits import PEOPLE, TwoVisits
from tests.support.cast import TEXT_VERSION, Cast

MOST_TABS = 7

anyone = st.sampled_from(PEOPLE)
some_tab = st.integers(0, MOST_TABS - 1)


class Visits(TwoVisits):
    """What anybody may try at any time, and what must hold after it."""

    @initialize(so_far=st.sampled_from(["nothing", "they met", "they are recorded"]))
    def some_are_in_their_visit(self, so_far: str) -> None:
        if so_far == "nothing":
            return
        for who in ("mei", "ada"):
            self.opens_a_tab(who=who, resumes=False)
            self.enters(which=len(self.tabs) - 1)
        self.decides_about_somebody(which=1, whom="mei", command="admit")
        if so_far == "they are recorded":
            self.speaks_of_recording(which=1, granted=True, t="ask")
            self.speaks_of_recording(which=0, granted=True, t="consent")
            self.a_recorder_comes()

    # --- Coming and going -------------------------------------------------------------------------
    @precondition(lambda self: len(self.tabs) < MOST_TABS)
    @rule(who=anyone, resumes=st.booleans())
    def opens_a_tab(self, who: str, resumes: bool) -> None:
        call = self.calls[who].pk
        place = Participant.objects.get(call_id=call, user=self.users[who])
        leg = self.old_legs.get(who) if resumes else None
        going_on = leg and Leg.objects.filter(pk=leg).exclude(state="closed").exists()
        if going_on and any(tab.leg == leg for tab in self.tabs):
            return
        tab = self._open(Tab(who, call, (b"cookie", self.cookies[who].encode())), leg)
        if place.state == "removed":
            assert tab.closed == 4404
        elif is_over(call):
            assert tab.closed == 4410
        else:
            assert tab.closed is None
            assert (tab.leg == leg) == bool(going_on)
            self.old_legs[who] = tab.leg
            self.tabs.append(tab)

    @rule(who=anyone, token=st.sampled_from(["", "", "Bearer nonsense", "Bearer a:b:c"]))
    def comes_where_they_have_no_place(self, who: str, token: str) -> None:
        other = next(call for call in self.calls.values() if call != self.calls[who])
        cookie = (b"cookie", self.cookies[who].encode())
        tab = Tab(who, other.pk, (b"authorization", token.encode()) if token else cookie)
        self._open(tab, None)
        assert (tab.closed, tab.facts, tab.leg) == (4404, [], "")

    @precondition(lambda self: self._queued() is not None)
    @rule()
    def a_recorder_comes(self) -> None:
        queued = self._queued()
        assert queued is not None
        if recordings.claim(queued.pk, owner=self.owner) is None:
            return
        recordings.started(queued.pk, owner=self.owner)
        token = attendance.recorder_token(queued, owner=self.owner)
        bearer = (b"authorization", f"Bearer {token}".encode())
        tab = self._open(Tab("recorder", queued.call_id, bearer), None)
        if tab.closed is None:
            self.tabs.append(tab)

    @precondition(lambda self: self.tabs)
    @rule(which=some_tab)
    def loses_the_socket(self, which: int) -> None:
        tab = self.tabs.pop(which % len(self.tabs))
        self.runner.run(tab.hang_up())

    # --- Commands ---------------------------------------------------------------------------------
    @precondition(lambda self: self.tabs)
    @rule(which=some_tab)
    def enters(self, which: int) -> None:
        tab = self.tabs[which % len(self.tabs)]
        if tab.who == "recorder":
            return
        waits = self._role(tab) == "patient" and state_of(tab.you) in ("invited", "waiting")
        assert self._do(tab, "enter") == "ok"
        tab.has_left = False
        assert state_of(tab.you) == ("waiting" if waits else "admitted")
        self.old_legs[tab.who] = tab.leg

    @precondition(lambda self: self.tabs)
    @rule(which=some_tab, whom=anyone, command=st.sampled_from(["admit", "admit", "remove"]))
    def decides_about_somebody(self, which: int, whom: str, command: str) -> None:
        tab = self.tabs[which % len(self.tabs)]
        call = self.calls[whom]
        guest = Participant.objects.get(call=call, user=self.users[whom])
        if not self._is_agent_within(tab):
            expected = "forbidden"
        elif call.pk == tab.call and str(guest.pk) != tab.you:
            fits = command == "remove" or guest.state == "waiting"
            expected = "ok" if fits else "bad_state"
        else:
            expected = "bad_state"
        assert self._do(tab, command, participant=str(guest.pk)) == expected
        after = {"admit": "admitted", "remove": "removed"}[command]
        assert state_of(str(guest.pk)) == (after if expected == "ok" else guest.state)

    @precondition(lambda self: self.tabs)
    @rule(which=some_tab)
    def writes(self, which: int) -> None:
        tab = self.tabs[which % len(self.tabs)]
        within = state_of(tab.you) == "admitted"
        assert self._do(tab, "chat", text="hello") == ("ok" if within else "bad_state")

    @precondition(lambda self: self.tabs)
    @rule(which=some_tab)
    def leaves(self, which: int) -> None:
        tab = self.tabs[which % len(self.tabs)]
        if tab.who == "recorder":
            return
        before = state_of(tab.you)
        after = {"waiting": "invited", "admitted": "left"}.get(before, before)
        open_legs = Leg.objects.exclude(state="closed").filter(participant_id=tab.you)
        elsewhere = open_legs.exclude(pk=tab.leg).exists()
        expected = "bad_state" if before == "invited" or elsewhere else "ok"
        assert self._do(tab, "leave") == expected
        tab.has_left = tab.has_left or expected == "ok"
        assert state_of(tab.you) == (after if expected == "ok" else before)

    @precondition(lambda self: self.tabs)
    @rule(which=some_tab, really=st.integers(0, 3))
    def ends(self, which: int, really: int) -> None:
        tab = self.tabs[which % len(self.tabs)]
        may_end = self._is_agent_within(tab)
        if not may_end or not really:
            assert self._do(tab, "end") == ("ok" if may_end else "forbidden")
            assert is_over(tab.call) == may_end

    @precondition(lambda self: self.tabs)
    @rule(which=some_tab, granted=st.booleans(), t=st.sampled_from(["ask", "consent", "stop"]))
    def speaks_of_recording(self, which: int, granted: bool, t: str) -> None:
        tab = self.tabs[which % len(self.tabs)]
        fields: dict[str, object] = {} if t == "stop" else {"text_version": TEXT_VERSION}
        if t == "consent":
            fields["granted"] = granted
        answer = self._do(tab, f"record_{t}", **fields)
        assert answer in ("ok", "bad_state", "forbidden")
        if t != "consent" and self._role(tab) != "agent":
            assert answer != "ok"

    # --- Signals ----------------------------------------------------------------------------------
    @precondition(lambda self: self.tabs)
    @rule(which=some_tab, whom=some_tab, t=st.sampled_from(["description", "media"]))
    def signals(self, which: int, whom: int, t: str) -> None:
        tab, other = (self.tabs[n % len(self.tabs)] for n in (which, whom))
        n = next(self.numbers)
        fields: dict[str, object] = {"type": "offer", "sdp": OFFER}
        if t == "media":
            fields = {"audio": True, "video": True}
        warm = legs_to_talk_to(tab.leg).get(other.leg)
        allowed = warm is not None and not (warm and t == "media")
        refused = len(tab.errors)
        self.runner.run(tab.say(t=t, leg=other.leg, n=n, **fields))
        self.runner.run(tab.attend())
        assert [error["code"] for error in tab.errors[refused:]] == (
            [] if allowed else ["not_a_peer"]
        )
        if allowed:
            self.told.add((other.leg, tab.leg, n))
            heard = (tab.leg, n)
            self.runner.run(other.until(lambda: heard in other.heard, "a signal"))

    # --- What holds after every step --------------------------------------------------------------
    @invariant()
    def everyone_knows_the_same(self) -> None:
        self.rows.check_transitions()
        check_numbers({call.pk for call in self.calls.values()})
        for tab in list(self.tabs):
            self._catch_up(tab)
            check_history(tab)
            assert {(tab.leg, *heard) for heard in tab.heard} <= self.told, "an unasked signal"
            if tab.closed is not None:
                self.tabs.remove(tab)


def play(steps: int, examples: int, *, anew: bool = False) -> None:
    """So many visits: others each time with `anew`, else the same in every run."""
    run_machine(
        Visits,
        settings=settings(
            max_examples=examples,
            derandomize=not anew,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_it_lets_nobody_do_or_hear_what_is_not_theirs(cast: Cast) -> None:
    play(steps=20, examples=10)


@pytest.mark.lab
@pytest.mark.timeout(3600)
def test_it_lets_nobody_do_or_hear_what_is_not_theirs_for_long(cast: Cast) -> None:
    play(steps=60, examples=300, anew=True)
