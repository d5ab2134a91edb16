"""A command about somebody else, in the room: who gives it, whom it is about, where they stand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from calls.models import Participant, ParticipantRole
from calls.permissions import NOT_YOURS, may
from calls.services import presence
from calls.services.errors import Forbidden, Gone, WrongState
from calls.services.rooms import Room, Seat, locked_rooms
from calls.states import PARTICIPANT, CallState, ParticipantState, sources


@contextmanager
def open_room(call_id: UUID) -> Iterator[Room]:
    """The call for one change. Raises WrongState if it has ended, Gone if there is none."""
    with locked_rooms([call_id]) as rooms:
        if call_id not in rooms:
            raise Gone("There is no such visit.")
        if rooms[call_id].state == CallState.ENDED:
            raise WrongState("The visit has ended.")
        yield rooms[call_id]


def host_in(room: Room, by: Participant, command: str) -> Seat:
    """The seat of whoever gives a command. Raises Forbidden unless their role covers it."""
    me = room.seats.get(by.pk)
    if me is None or me.state != ParticipantState.ADMITTED or not may(by, command):
        raise Forbidden(NOT_YOURS)
    return me


def guest_in(room: Room, participant_id: UUID) -> Seat:
    """Whom a command is about. Raises WrongState if they are not of this call."""
    guest = room.seats.get(participant_id)
    if guest is None:
        raise WrongState("Nobody with this id takes part in the visit.")
    return guest


def take_seat(room: Room, seat: Seat, target: ParticipantState, **fields: datetime | None) -> None:
    """Advance somebody in a room if the table allows it; what does not change is not written."""
    if seat.state not in (*sources(PARTICIPANT, target), target):
        state = Participant(state=seat.state).get_state_display()
        raise WrongState(f"{seat.name} is {state}.")
    if seat.state != target or any(getattr(seat, name) != at for name, at in fields.items()):
        room.writes.update(Participant, seat.pk, state=target, **fields)
    seat.state = target
    for name, at in fields.items():
        setattr(seat, name, at)


def step_out(room: Room, seat: Seat, *, reason: str = "left", **more: str) -> None:
    """Somebody who was in the call is out, wherever their page is; they may come back."""
    if seat.state == ParticipantState.ADMITTED:
        take_seat(room, seat, ParticipantState.LEFT)
    if seat.leg:
        presence.close(room, seat, seat.leg, reason=reason, **more)


def ask_in(room: Room, seat: Seat) -> None:
    """An agent is asked in, whatever they were in this call before: they come as an agent."""
    if seat.role == ParticipantRole.SUPERVISOR:
        if seat.leg:
            presence.close(room, seat, seat.leg, reason="replaced")
        room.writes.update(Participant, seat.pk, role=ParticipantRole.AGENT, manner="")
        seat.role, seat.manner = ParticipantRole.AGENT, ""
    if seat.state in (ParticipantState.LEFT, ParticipantState.REMOVED):
        take_seat(room, seat, ParticipantState.INVITED)
