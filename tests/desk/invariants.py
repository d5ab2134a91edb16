"""What is true of the desk at every moment, whatever has just happened to it."""

from collections import Counter
from uuid import UUID

from calls.desk.states import OPEN_ENTRIES, AgentState, EntryState, HandlingState, RingState
from calls.models import AgentSpan, DeskAgent, Handling, OfferKind, QueueEntry, QueueOffer


def check() -> None:
    """Fails with the rows that contradict each other; five queries."""
    rows = QueueEntry.objects.filter(state__in=OPEN_ENTRIES).order_by()
    states = dict(rows.values_list("pk", "state"))
    _offers_ring_for_what_rings(states)
    talking = _who_talks(states)
    desks = list(DeskAgent.objects.order_by().values_list("pk", "user_id", "state"))
    busy = {user_id for _, user_id, state in desks if state == AgentState.BUSY}
    assert busy == talking, "who is busy talks, and who talks is busy"
    spans = AgentSpan.objects.filter(ends_at__isnull=True).order_by()
    open_spans = sorted(spans.values_list("agent_id", "state"))
    assert open_spans == sorted((pk, state) for pk, _, state in desks), "one open span each"


def _offers_ring_for_what_rings(states: dict[UUID, str]) -> None:
    ringing = {pk for pk, state in states.items() if state == EntryState.RINGING}
    offers = QueueOffer.objects.filter(state=RingState.RINGING, kind=OfferKind.ROUTED).order_by()
    pairs = list(offers.values_list("entry_id", "agent_id"))
    assert sorted(entry for entry, _ in pairs) == sorted(ringing), "one offer for each that rings"
    assert len({agent for _, agent in pairs}) == len(pairs), "an agent is asked one thing at once"


def _who_talks(states: dict[UUID, str]) -> set[UUID]:
    talks = Handling.objects.filter(state=HandlingState.TALKING, is_consult=False).order_by()
    pairs = list(talks.values_list("entry_id", "agent_id", "entry__agent_id"))
    answered = {pk for pk, state in states.items() if state == EntryState.ANSWERED}
    assert Counter(entry for entry, *_ in pairs) == Counter(answered), "one agent for each talk"
    assert all(agent == of_entry for _, agent, of_entry in pairs), "the entry names who talks"
    return {agent for _, agent, _ in pairs}
