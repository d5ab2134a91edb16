"""A visit as it is now, locked with its people and its calls: the people first, in the order of
their ids, then the calls in the order of theirs. So no two who change visits wait for each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from accounts.models import User
from calls.models import Appointment, CallSession
from calls.services import facts
from calls.services.scheduling import places
from calls.services.scheduling.errors import ChangedMeanwhile


@contextmanager
def locked(
    appointment: Appointment, *, to: tuple[User, datetime] | None = None
) -> Iterator[tuple[CallSession, CallSession | None]]:
    """The visit's call, and the group that has a place at the time `to` which it is moved, if there
    is one; the visit itself is read anew.

    Raises ChangedMeanwhile if the visit has gone to somebody whom nobody locked.
    """
    with transaction.atomic():
        people = {appointment.patient_id, appointment.agent_id, *([to[0].pk] if to else ())}
        places.lock_people(*people)
        # Somebody may have moved it into another call meanwhile.
        appointment.refresh_from_db(fields=("call", "agent", "starts_at", "ends_at", "state"))
        if appointment.agent_id not in people:
            raise ChangedMeanwhile
        # Whoever joins or leaves a group locks its agent first, who is locked here.
        group = to and places.group_at(
            appointment.service, to[0].pk, to[1], beside=appointment.call_id
        )
        calls = facts.lock_calls([appointment.call_id, *([group] if group else ())])
        yield calls[appointment.call_id], calls[group] if group else None
