"""Many threads at one desk: whatever comes first counts, and nothing is lost or done twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import User
from calls.desk.router import route
from calls.desk.states import AgentState, EntryState, RingState
from calls.models import DeskAgent, Handling, Queue, QueueEntry, QueueOffer, RoutingDecision
from calls.services.desk import agents, offers, routing, sweeping, waiting
from calls.services.desk.reading import read
from tests.desk import house, invariants
from tests.support.race import at_once

pytestmark = pytest.mark.django_db(transaction=True)

OFFERS, AT_DESKS, ROUTERS = 200, 40, 6
PAIRS = 6
Attempt = Callable[[], object]


@pytest.fixture(autouse=True)
def no_round_fails(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The rounds after a change run beside it, where an error is logged and nothing else."""
    monkeypatch.setattr("calls.signaling.wake", lambda *calls: None)
    monkeypatch.setattr("calls.signaling.wake_desk", lambda: None)
    yield
    assert not [record.getMessage() for record in caplog.records if record.exc_info]


def staff(count: int) -> list[User]:
    return [house.person(f"Agent {number}") for number in range(count)]


def desk_with(count: int) -> tuple[Queue, list[User]]:
    """A queue with so many agents who are at their desks."""
    people = staff(count)
    billing = house.queue(*people)
    for one in people:
        house.sit_down(one)
    return billing, people


def ringing(count: int) -> list[QueueOffer]:
    """So many agents, each of whom is asked about somebody."""
    billing, _ = desk_with(count)
    house.crowd(billing, count)
    assert routing.run() == count
    return list(QueueOffer.objects.select_related("agent", "entry__queue"))


def clear() -> None:
    """Everybody whom an agent is asked about goes, all at once."""
    now = timezone.now()
    QueueEntry.objects.filter(state=EntryState.RINGING).update(state=EntryState.LEFT, ended_at=now)
    QueueOffer.objects.filter(state=RingState.RINGING).update(
        state=RingState.WITHDRAWN, settled_at=now
    )


def end_of(offer: QueueOffer) -> tuple[str, str]:
    """What became of the offer and of the entry."""
    offer.refresh_from_db()
    return offer.state, QueueEntry.objects.values_list("state", flat=True).get(pk=offer.entry_id)


# --- Rounds --------------------------------------------------------------------------------------
def test_two_hundred_offers_are_made_once_each() -> None:
    billing, _ = desk_with(AT_DESKS)
    house.crowd(billing, OFFERS)
    for wave in range(1, OFFERS // AT_DESKS + 1):
        assert at_once([routing.run] * ROUTERS) == {"int": ROUTERS}
        invariants.check()
        rings = QueueOffer.objects.filter(state=RingState.RINGING)
        assert rings.count() == len(set(rings.values_list("agent_id"))) == AT_DESKS
        assert QueueOffer.objects.count() == RoutingDecision.objects.count() == wave * AT_DESKS
        clear()
    assert not QueueEntry.objects.filter(state=EntryState.WAITING).exists()
    assert max(Counter(QueueOffer.objects.values_list("entry_id", flat=True)).values()) == 1


def test_rounds_that_go_through_the_line_in_opposite_orders_do_not_block_each_other() -> None:
    billing, people = desk_with(12)
    for _ in range(4):
        house.crowd(billing, 6)
        look = read(timezone.now())
        line = list(look.waiting)
        ends = (people[:6], 1), (people[6:], -1)
        looks = [
            replace(
                look,
                agents=[one for one in look.agents if one.pk in {each.pk for each in half}],
                waiting=[replace(one, priority=sign * turn) for turn, one in enumerate(line)],
            )
            for half, sign in ends
        ]
        assert at_once([partial(routing.offer_all, route(one), one) for one in looks]) == {"int": 2}
        invariants.check()
        assert QueueOffer.objects.filter(state=RingState.RINGING).count() == 6
        clear()


def test_an_agent_who_has_just_answered_is_not_asked_by_an_older_look_at_the_desk() -> None:
    billing, [ada] = desk_with(1)
    house.crowd(billing, 2)
    older = read(timezone.now())
    routing.run()
    offer = QueueOffer.objects.get()
    offers.accept(ada, offer.pk)
    assert routing.offer_all(route(older), older) == 0
    invariants.check()


# --- One offer -----------------------------------------------------------------------------------
def test_one_of_many_tabs_answers() -> None:
    [offer] = ringing(1)
    accept = partial(offers.accept, offer.agent, offer.pk)
    assert at_once([accept] * 12) == {"QueueEntry": 12}
    assert Handling.objects.count() == 1
    assert end_of(offer) == (RingState.ACCEPTED, EntryState.ANSWERED)
    invariants.check()


def _decline(offer: QueueOffer) -> Attempt:
    return partial(offers.decline, offer.agent, offer.pk)


def _miss(offer: QueueOffer) -> Attempt:
    return offers.sweep


def _leave(offer: QueueOffer) -> Attempt:
    return partial(waiting.leave, offer.entry)


def _call_back(offer: QueueOffer) -> Attempt:
    return partial(waiting.call_me_back, offer.entry, phone="030 123", email="")


def _go_on_a_break(offer: QueueOffer) -> Attempt:
    return partial(agents.choose, offer.agent, AgentState.BREAK, by=offer.agent)


RIVALS: dict[Callable[[QueueOffer], Attempt], set[tuple[RingState, EntryState]]] = {
    _decline: {(RingState.DECLINED, EntryState.WAITING)},
    _miss: {(RingState.MISSED, EntryState.WAITING)},
    _leave: {(RingState.WITHDRAWN, EntryState.LEFT)},
    _call_back: {(RingState.WITHDRAWN, EntryState.WAITING)},
    _go_on_a_break: {(RingState.DECLINED, EntryState.WAITING)},
}


@pytest.mark.parametrize("rival", RIVALS)
def test_accepting_and_its_rival_have_one_winner(rival: Callable[[QueueOffer], Attempt]) -> None:
    rings = ringing(PAIRS)
    if rival is _miss:
        QueueOffer.objects.update(rings_until=timezone.now())
    attempts: list[Attempt] = []
    for offer in rings:
        attempts += [partial(offers.accept, offer.agent, offer.pk), rival(offer)]
    answers = at_once(attempts)
    assert set(answers) <= {"QueueEntry", "OfferGone", "NotInLine", "NoneType", "DeskAgent"}
    accepted = 0
    for offer in rings:
        end = end_of(offer)
        accepted += end[0] == RingState.ACCEPTED
        # Whoever was given back may have been offered to somebody else since.
        back = {(ring, EntryState.RINGING) for ring, state in RIVALS[rival]} | RIVALS[rival]
        assert end in back | {(RingState.ACCEPTED, EntryState.ANSWERED)}
    assert answers["QueueEntry"] == accepted == Handling.objects.count()
    invariants.check()


@pytest.mark.parametrize("rival", [_decline, _miss, _go_on_a_break])
def test_leaving_while_the_offer_is_given_back(rival: Callable[[QueueOffer], Attempt]) -> None:
    rings = ringing(PAIRS)
    if rival is _miss:
        QueueOffer.objects.update(rings_until=timezone.now())
    attempts = [make(offer) for offer in rings for make in (rival, _leave)]
    answers = at_once(attempts)
    assert set(answers) <= {"NoneType", "DeskAgent"}
    left = QueueEntry.objects.filter(state=EntryState.LEFT)
    assert left.count() == len(rings)
    assert not QueueOffer.objects.filter(state=RingState.RINGING).exists()
    invariants.check()


# --- Everything at once --------------------------------------------------------------------------
def test_everything_at_once_loses_nobody() -> None:
    rings = ringing(12)
    billing = rings[0].entry.queue
    house.crowd(billing, 8)
    late = [one.pk for one in rings[6:9]]
    QueueOffer.objects.filter(pk__in=late).update(rings_until=timezone.now() - timedelta(seconds=1))
    attempts: list[Attempt] = [partial(offers.accept, one.agent, one.pk) for one in rings]
    attempts += [_decline(one) for one in rings[:3]]
    attempts += [_leave(one) for one in rings[3:6]]
    attempts += [_go_on_a_break(one) for one in rings[9:]]
    attempts += [sweeping.sweep] * 3 + [routing.run] * 3
    answers = at_once(attempts)
    assert set(answers) <= {"QueueEntry", "OfferGone", "NotInLine", "NoneType", "DeskAgent", "int"}
    invariants.check()
    states = Counter(QueueEntry.objects.values_list("state", flat=True))
    assert sum(states.values()) == 20
    assert states[EntryState.ANSWERED] == answers["QueueEntry"]
    assert DeskAgent.objects.filter(state=AgentState.BUSY).count() == states[EntryState.ANSWERED]
