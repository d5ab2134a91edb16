"""What the rows of two visits must look like at any time, told from the rows alone."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from django.db.models import Model

from calls.models import CallEvent, CallSession, Consent, Leg, Participant, Recording
from calls.states import CALL, CONSENT, LEG, PARTICIPANT, RECORDING, ConsentState
from tests.hostile.tabs import Message, Tab

Table = Mapping[StrEnum, frozenset[StrEnum]]
TABLES: list[tuple[type[Model], object]] = [
    (CallSession, CALL),
    (Participant, PARTICIPANT),
    (Leg, LEG),
    (Recording, RECORDING),
    (Consent, CONSENT),
]
# What one step of a person may take in two steps of the table: a recorder's lost leg is closed,
# a recording that nobody took up is finished.
TWO_STEPS = {Leg, Recording}


class Rows:
    """Looks after each step whether every row went only where its table allows."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[Model], object], str] = {}

    def check_transitions(self) -> None:
        for model, table in TABLES:
            for pk, state in model._default_manager.values_list("pk", "state"):
                before = self._known.get((model, pk))
                self._known[model, pk] = state
                if before not in (None, state):
                    allowed = reach(table, {str(before)})  # type: ignore[arg-type]
                    if model in TWO_STEPS:
                        allowed |= reach(table, allowed)  # type: ignore[arg-type]
                    assert state in allowed, f"{model.__name__} {pk}: {before} -> {state}"


def reach(table: Table, states: set[str]) -> set[str]:
    """The states one step after any of `states`."""
    return {
        str(after) for before, targets in table.items() if before in states for after in targets
    }


def check_numbers(call_ids: Iterable[UUID]) -> None:
    """Facts are numbered without a gap, and the call knows the last number."""
    for call in CallSession.objects.filter(pk__in=call_ids):
        seqs = list(
            CallEvent.objects.filter(call=call).order_by("seq").values_list("seq", flat=True)
        )
        assert seqs == list(range(1, call.last_seq + 1))


def check_history(tab: Tab) -> None:
    """What the tab was told are the rows, in order; only chat from before admission is hidden."""
    events = {event.seq: event for event in CallEvent.objects.filter(call_id=tab.call)}
    assert [fact["seq"] for fact in tab.facts] == list(range(1, len(tab.facts) + 1)), tab.who
    person = Participant.objects.get(pk=tab.you) if tab.you else None
    for fact in tab.facts:
        event = events[fact["seq"]]
        assert (fact["kind"], fact["by"]) == (event.kind, str(event.by_id) if event.by_id else None)
        was_in = person and person.admitted_at and event.at >= person.admitted_at
        if event.kind == "chat" and not was_in:
            assert fact["data"] == {}, f"{tab.who} reads what was written before they came"
        else:
            assert fact["data"] == event.data


def legs_to_talk_to(leg_id: str) -> dict[str, bool]:
    """The legs that this one may signal with now, and whether that is for the warm room only."""
    open_legs = Leg.objects.exclude(state="closed").filter(entered_at__isnull=False)
    legs = {str(leg.pk): leg for leg in open_legs.select_related("participant__call")}
    mine = legs.pop(leg_id, None)
    if mine is None or mine.participant.call.state == "ended":
        return {}
    found = {}
    for other_id, other in legs.items():
        if other.participant.call_id == mine.participant.call_id:
            pair = {(leg.participant.role, leg.participant.state) for leg in (mine, other)}
            if pair == {("patient", "waiting"), ("agent", "admitted")}:
                found[other_id] = True
            elif all(state == "admitted" for _, state in pair) and _has_agreed(mine, other):
                found[other_id] = False
    return found


def _has_agreed(mine: Leg, other: Leg) -> bool:
    people = [leg.participant for leg in (mine, other)]
    if all(person.role != "recorder" for person in people):
        return True
    standing = Consent.objects.filter(
        participant__in=people,
        state=ConsentState.GIVEN,
        recording__state__in=("queued", "recording"),
    )
    return standing.exists()


def last_seq(call_id: UUID) -> int:
    return CallSession.objects.values_list("last_seq", flat=True).get(pk=call_id)


def state_of(participant: str) -> str:
    return str(Participant.objects.values_list("state", flat=True).get(pk=participant))


def is_over(call_id: UUID) -> bool:
    return CallSession.objects.filter(pk=call_id, state="ended").exists()


def knows_all(tab: Tab, seq: int, peers: dict[str, bool]) -> bool:
    """Whether a tab has been told of every fact and of exactly these peers."""
    told: Message = {leg: bool(peer.get("warm")) for leg, peer in tab.peers.items()}
    return bool(tab.facts or not seq) and (not seq or tab.facts[-1]["seq"] == seq) and told == peers
