"""What the agent says became of a visit, where nothing that happened decides it."""

from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.models import Appointment, CallEvent, Participant
from calls.models.call import MAY_BE_HELD
from calls.protocol import FactKind
from calls.services import facts, lifecycle, settling
from calls.services.errors import WrongState
from calls.states import AppointmentState, CallState, ParticipantState

INSIDE = (ParticipantState.WAITING, ParticipantState.ADMITTED)


def may_be_missed(visit: Appointment) -> bool:
    """Whether its patient may be called absent now: late enough, and never seen."""
    return (
        visit.state == AppointmentState.BOOKED
        and visit.call.state == CallState.OPEN
        and timezone.now() >= settling.absent_from(visit)
        and not _has_come(visit)
    )


def missed(visit: Appointment, *, by: User) -> None:
    """The patient did not come: the visit is missed and its call over; in a group, for them alone.

    Raises WrongState before the service's minutes have gone by, or when the patient was there.
    """
    with facts.locked_call(visit.call_id) as call:
        visit.refresh_from_db()
        if not may_be_missed(visit):
            raise WrongState("This patient cannot be called absent.")
        booked = Appointment.objects.filter(call=call, state=AppointmentState.BOOKED)
        inside = Participant.objects.filter(call=call, state__in=INSIDE)
        others = inside.filter(role__in=MAY_BE_HELD)
        if booked.exclude(pk=visit.pk).exists() or others.exists():
            settling.miss(visit)
        else:
            lifecycle.end_call(call, reason="missed")
        record("appointment.missed", actor=by.pk, target_type="appointment", target=visit.pk)


def took_place(visit: Appointment, *, by: User) -> None:
    """It took place all the same, by telephone say. Raises WrongState if that cannot be."""
    if not settling.took_place(visit, by.pk):
        raise WrongState("This visit was not missed.")


def _has_come(visit: Appointment) -> bool:
    place = Participant.objects.filter(call=visit.call_id, user=visit.patient_id)
    inside = place.filter(state__in=INSIDE)
    entered = CallEvent.objects.filter(
        call=visit.call_id, kind=FactKind.ENTERED, by__user=visit.patient_id
    )
    return inside.exists() or entered.exists()
