"""Supervisors in a call: they listen, speak with agents only (whisper), or join like everybody.

It is in the call's history from the first moment on, and everybody's page says so. A house may
leave it out of the pages of patients and guests until the supervisor joins, never out of the
history.
"""

from django.db import transaction

from accounts.models import Role, User
from audit.log import record
from calls.models import CallSession, Participant, ParticipantRole
from calls.models.call import Manner
from calls.models.service import MOST_PEOPLE
from calls.permissions import NOT_YOURS
from calls.protocol import FactKind
from calls.services import consent, facts
from calls.services.errors import Forbidden, Full, WrongState
from calls.services.hosting import host_in, open_room, take_seat
from calls.services.rooms import Room, Seat
from calls.states import LegState, ParticipantState

SUPERVISORS = (Role.SUPERVISOR, Role.ADMINISTRATOR)


def sit_in(call: CallSession, user: User, manner: Manner) -> Participant:
    """The supervisor's place in the call, admitted; their page may enter at once.

    Who has sat in before gets the same place, with this manner. Raises Forbidden for other roles of
    an account and for who was removed, WrongState if the call has ended or they have another part
    in it, Full if as many are there as a call holds.
    """
    if user.role not in SUPERVISORS or not user.is_active:
        record(
            "call.supervise",
            actor=user.pk,
            target_type="callsession",
            target=call.pk,
            allowed=False,
        )
        raise Forbidden(NOT_YOURS)
    with transaction.atomic():
        with open_room(call.pk) as room:
            before = next((one for one in room.seats.values() if one.user_id == user.pk), None)
            _check_may_sit(room, before)
            place = _place(room, user, before, manner)
        _ask(place)
    return Participant.objects.select_related("user", "call").get(pk=place.pk)


def change_manner(manner: Manner, *, by: Participant, ref: str) -> int:
    """A supervisor in the call goes on in another manner; returns the number of the fact.

    Raises Forbidden if `by` is no supervisor in the call, WrongState if it is their manner already.
    """
    with transaction.atomic():
        with open_room(by.call_id) as room:
            if (seq := facts.answered(by, ref)) is not None:
                return seq
            me = host_in(room, by, "supervise")
            if me.manner == manner:
                raise WrongState("You are in the visit in that manner already.")
            seq = _set_manner(room, me, manner, ref=ref)
        _ask(me)
    return seq


def _check_may_sit(room: Room, before: Seat | None) -> None:
    if before and before.role != ParticipantRole.SUPERVISOR:
        raise WrongState("You have another part in this visit.")
    if before and before.state == ParticipantState.REMOVED:
        raise Forbidden("You were removed from this visit.")
    inside = (ParticipantState.WAITING, ParticipantState.ADMITTED)
    people = [one for one in room.seats.values() if one.role != ParticipantRole.RECORDER]
    others = [one for one in people if one.state in inside and one.leg and one is not before]
    if len(others) >= MOST_PEOPLE:
        raise Full("As many people are in the visit as it holds.")


def _place(room: Room, user: User, before: Seat | None, manner: Manner) -> Seat:
    """The seat in the room, admitted and in this manner; the same as before is said no more."""
    if before is None:
        seat = _new_seat(room, user, manner)
        _say(room, seat)
        return seat
    is_back = before.state != ParticipantState.ADMITTED
    if is_back:
        take_seat(room, before, ParticipantState.ADMITTED)
    if is_back or before.manner != manner:
        _set_manner(room, before, manner)
    return before


def _new_seat(room: Room, user: User, manner: Manner) -> Seat:
    made = Participant.objects.create(
        call_id=room.pk,
        user=user,
        role=ParticipantRole.SUPERVISOR,
        state=ParticipantState.ADMITTED,
        admitted_at=room.now,
        manner=manner,
    )
    seat = Seat(
        pk=made.pk,
        call_id=room.pk,
        user_id=user.pk,
        role=made.role,
        state=made.state,
        admitted_at=room.now,
        waiting_since=None,
        held_at=None,
        manner=manner,
        user_name=user.display_name,
    )
    room.seats[seat.pk] = seat
    return seat


def _set_manner(room: Room, seat: Seat, manner: Manner, *, ref: str = "") -> int:
    was_hidden = room.hides(seat)
    seat.manner = manner
    seat.has_joined = seat.has_joined or manner == Manner.JOIN
    room.writes.update(Participant, seat.pk, manner=manner)
    seq = _say(room, seat, ref=ref)
    if was_hidden and not room.hides(seat) and seat.leg and seat.leg.state == LegState.CONNECTED:
        # Patients and guests hear only now that somebody is there.
        room.append_joined(seat, seat.leg.pk, waiting=False)
    return seq


def _say(room: Room, seat: Seat, *, ref: str = "") -> int:
    record(
        "call.supervise",
        actor=seat.user_id,
        target_type="participant",
        target=seat.pk,
        manner=seat.manner,
    )
    said = {"participant": seat.pk, "name": seat.name, "manner": seat.manner}
    return room.append(FactKind.SUPERVISED, by=seat, ref=ref, **said)


def _ask(seat: Seat) -> None:
    """Who takes part is asked like any newcomer; who does no more holds nobody up."""
    if call := consent.asked_in(seat.call_id):
        consent.ask_newcomer(call, Participant.objects.get(pk=seat.pk))
