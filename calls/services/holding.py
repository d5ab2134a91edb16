"""On hold: somebody stays in the call, and neither sees, hears nor is seen or heard by anybody.

Who may signal what with whom follows from it (peers.py), and so does what they may read: a message
that is written meanwhile is kept from them for good. Who leaves and comes back is on hold still.
"""

from uuid import UUID

from django.conf import settings

from audit.log import record
from calls.models import Participant
from calls.models.call import HELD_IN, MAY_BE_HELD
from calls.protocol import FactKind
from calls.services import facts
from calls.services.errors import WrongState
from calls.services.hosting import guest_in, host_in, open_room
from calls.services.rooms import Room, Seat


def hold(participant_id: UUID, *, by: Participant, ref: str) -> int:
    """Put somebody on hold; returns the number of the fact.

    Raises WrongState if they cannot be held or are already, Forbidden if `by` may not.
    """
    with open_room(by.call_id) as room:
        if (seq := facts.answered(by, ref)) is not None:
            return seq
        me = host_in(room, by, "hold")
        return put_on_hold(room, guest_in(room, participant_id), by=me, ref=ref)


def resume(participant_id: UUID, *, by: Participant, ref: str) -> int:
    """Take somebody off hold; returns the number of the fact.

    Raises WrongState if they are not on hold, Forbidden if `by` may not.
    """
    with open_room(by.call_id) as room:
        if (seq := facts.answered(by, ref)) is not None:
            return seq
        me = host_in(room, by, "hold")
        return take_off_hold(room, guest_in(room, participant_id), by=me, ref=ref)


def hold_everybody(call_id: UUID) -> list[UUID]:
    """Hold each patient and guest who was admitted, also who has left and may come back, by nobody
    in the call; returns whom now.

    Raises WrongState if the call has ended.
    """
    with open_room(call_id) as room:
        held = [seat for seat in room.seats.values() if may_be_held(seat) and not seat.held_at]
        for seat in held:
            put_on_hold(room, seat, by=None)
        return [seat.pk for seat in held]


def resume_everybody(call_id: UUID) -> list[UUID]:
    """Take everybody off hold, by nobody in the call; returns whom.

    Raises WrongState if the call has ended.
    """
    with open_room(call_id) as room:
        held = [seat for seat in room.seats.values() if seat.held_at]
        for seat in held:
            take_off_hold(room, seat, by=None)
        return [seat.pk for seat in held]


def put_on_hold(room: Room, seat: Seat, *, by: Seat | None, ref: str = "") -> int:
    """Hold somebody in a room that is locked; returns the number of the fact.

    Raises WrongState if they cannot be held or are already.
    """
    if not may_be_held(seat):
        raise WrongState("Only patients and guests who were admitted can be put on hold.")
    if seat.held_at:
        raise WrongState(f"{seat.name} is on hold already.")
    _set(room, seat, held=True, by=by)
    music = settings.HOLD_MUSIC
    return room.append(FactKind.HELD, by=by, ref=ref, participant=seat.pk, music=music)


def take_off_hold(room: Room, seat: Seat, *, by: Seat | None, ref: str = "", **more: str) -> int:
    """Take somebody off hold in a room that is locked; returns the number of the fact, which says
    `more` of it.

    Raises WrongState if they are not on hold.
    """
    if not seat.held_at:
        raise WrongState(f"{seat.name} is not on hold.")
    _set(room, seat, held=False, by=by)
    return room.append(FactKind.RESUMED, by=by, ref=ref, participant=seat.pk, **more)


def may_be_held(seat: Seat) -> bool:
    """Also somebody who has left: they would come in at once, into what is not for them."""
    return seat.role in MAY_BE_HELD and seat.state in HELD_IN


def _set(room: Room, seat: Seat, *, held: bool, by: Seat | None) -> None:
    seat.held_at = room.now if held else None
    room.writes.update(Participant, seat.pk, held_at=seat.held_at)
    actor = by.user_id if by else ""
    action = "call.hold" if held else "call.resume"
    record(action, actor=actor, target_type="participant", target=seat.pk)
