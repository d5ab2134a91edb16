"""What sockets do not know yet: facts, and whom they may signal with; read for many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from calls import protocol
from calls.models import CallEvent, CallSession, Participant
from calls.models.event import Reader, told
from calls.services import facts
from calls.services.peers import consenting_in, peers_in
from calls.services.queries import Marks, Prepared
from calls.services.rooms import Room, read_rooms
from calls.states import CallState, ParticipantState

MOST_FACTS = 500


@dataclass(frozen=True, slots=True)
class Asker:
    """A socket: the leg it speaks for, as which of its sockets, and the last fact that it told."""

    call_id: UUID
    participant_id: UUID
    leg_id: UUID
    epoch: int
    last_seq: int


class Row(NamedTuple):
    """A fact as it is stored."""

    call_id: UUID
    seq: int
    at: datetime
    kind: str
    by_id: UUID | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class News:
    """What a leg does not know yet, read in one go."""

    peers: list[protocol.Peer]
    leg_open: bool
    replaced: bool
    removed: bool
    ended: bool
    entered: bool
    facts: list[protocol.Fact] = field(default_factory=list)


def news_for(askers: Sequence[Asker]) -> list[News]:
    """Up to MOST_FACTS facts after the last one of each, and who may be signalled with.

    The calls are read before their facts, so a fact that is missing here wakes its reader again.
    """
    rooms = read_rooms({asker.call_id for asker in askers})
    recorded = [room.pk for room in rooms.values() if room.consents_matter]
    consenting = consenting_in(recorded) if recorded else {}
    behind = [asker for asker in askers if rooms[asker.call_id].last_seq > asker.last_seq]
    found = _rows_for(behind)
    every = []
    for asker in askers:
        room = rooms[asker.call_id]
        agreed = consenting.get(room.pk, {})
        news = news_in(room, asker.participant_id, asker.leg_id, asker.epoch, agreed)
        seat = room.seats[asker.participant_id]
        rows = [row for row in found.get(room.pk, ()) if row.seq > asker.last_seq][:MOST_FACTS]
        news.facts.extend(_fact(row, seat) for row in rows)
        every.append(news)
    return every


def news_in(
    room: Room,
    participant_id: UUID,
    leg_id: UUID,
    epoch: int,
    consenting: Mapping[UUID, str] | None = None,
) -> News:
    """The news of one socket, without facts, from the room that it is in.

    A leg that went on with another socket, which is a later epoch, is open there, not here.
    """
    seat = room.seats[participant_id]
    leg_open = seat.leg is not None and (seat.leg.pk, seat.leg.epoch) == (leg_id, epoch)
    return News(
        peers=peers_in(room, seat, consenting or {}) if leg_open else [],
        leg_open=leg_open,
        replaced=not leg_open and seat.leg is not None,
        removed=seat.state == ParticipantState.REMOVED,
        ended=room.state == CallState.ENDED,
        entered=leg_open and seat.leg is not None and seat.leg.entered_at is not None,
    )


def history(person: Participant, last_seq: int) -> list[protocol.Fact]:
    """Up to MOST_FACTS facts after `last_seq`, as `person` may see them.

    What is not theirs to read comes without its data.
    """
    events = facts.since(person.call_id, last_seq, most=MOST_FACTS)
    return [_fact(event, person) for event in events]


def history_of(participant_id: UUID, last_seq: int) -> list[protocol.Fact]:
    """The history for somebody who comes after the end."""
    return history(Participant.objects.get(pk=participant_id), last_seq)


def newest_facts(call_ids: list[UUID]) -> dict[UUID, int]:
    """The number of the last fact of each call."""
    return dict(CallSession.objects.filter(pk__in=call_ids).values_list("pk", "last_seq"))


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as every time on the wire is written."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now_iso() -> str:
    """The server's clock, as it is written on the wire."""
    return iso(timezone.now())


def _rows_for(askers: Sequence[Asker]) -> dict[UUID, list[Row]]:
    """The facts that any of them is told now, by call and in order.

    Nobody is told more than MOST_FACTS at once, so no more are read for anybody; somebody who is
    further behind than that keeps nothing from the others.
    """
    wanted = list({(asker.call_id, asker.last_seq): None for asker in askers})
    calls, after = [call for call, _ in wanted], [seq for _, seq in wanted]
    found: dict[UUID, list[Row]] = {}
    for row in _FACTS.rows(calls, after, [seq + MOST_FACTS for seq in after]):
        found.setdefault(row[0], []).append(Row(*row))
    return found


def _facts(calls: Marks, after: Marks, until: Marks) -> Any:
    wanted = Q()
    for call_id, low, high in zip(calls.ids, after.numbers, until.numbers, strict=True):
        wanted |= Q(call_id=call_id, seq__gt=low, seq__lte=high)
    return CallEvent.objects.filter(wanted).order_by("call_id", "seq").values_list(*Row._fields)


_FACTS = Prepared(_facts)


def _fact(event: "CallEvent | Row", reader: Reader) -> protocol.Fact:
    return protocol.Fact(
        seq=event.seq,
        at=iso(event.at),
        kind=protocol.FactKind(event.kind),
        by=event.by_id,
        data=told(event, reader),
    )
