"""Consent to a recording that is said before the visit: while booking, or on the visit's page.

An agent may agree once to all scheduled recordings of their visits, and take that back.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import ConsentText, User
from audit.log import record
from calls.models import AdvanceConsent, Appointment, RecordingPolicy, StandingConsent
from calls.services import facts
from calls.services.errors import ConsentMissing, WrongState
from calls.states import AppointmentState, CallState


@transaction.atomic
def say(appointment: Appointment, person: User, *, granted: bool, text_version: str) -> None:
    """What `person` says to the planned recording of this visit; the last word counts.

    Raises WrongState once the visit is over, ConsentMissing for a text that does not exist.
    """
    if appointment.state != AppointmentState.BOOKED:
        raise WrongState("The visit is over.")
    _check_text(text_version)
    AdvanceConsent.objects.update_or_create(
        appointment=appointment,
        person=person,
        defaults={
            "granted": granted,
            "text_version": text_version,
            "language": get_language() or "en",
            "at": timezone.now(),
        },
    )
    action = "consent.ahead.give" if granted else "consent.ahead.refuse"
    record(action, actor=person.pk, target_type="appointment", target=appointment.pk)


@transaction.atomic
def agree_to_all(person: User, *, text_version: str) -> None:
    """An agent agrees to every scheduled recording of their visits from now on."""
    _check_text(text_version)
    StandingConsent.objects.update_or_create(
        person=person,
        defaults={
            "text_version": text_version,
            "language": get_language() or "en",
            "at": timezone.now(),
        },
    )
    record("consent.standing.give", actor=person.pk, target_type="user", target=person.pk)


@transaction.atomic
def take_back(person: User) -> None:
    """From now on they are asked in each visit; what runs is stopped in the visit itself."""
    if StandingConsent.objects.filter(person=person).delete()[0]:
        record("consent.standing.withdraw", actor=person.pk, target_type="user", target=person.pk)


def set_policy(appointment: Appointment, policy: str, *, by: User) -> None:
    """Plan the recording of this visit otherwise than its service; "" goes back to the service's.

    What people said about another plan counts no more. Raises WrongState once the visit has begun,
    or where the service is never recorded.
    """
    with facts.locked_call(appointment.call_id) as call:
        rows = Appointment.objects.filter(pk=appointment.pk, state=AppointmentState.BOOKED)
        never = appointment.service.recording_policy == RecordingPolicy.NEVER
        known = policy in ("", *RecordingPolicy.values)
        if never or not known or call.state != CallState.OPEN or not rows.exists():
            raise WrongState("The recording of this visit cannot be planned so.")
        if rows.exclude(recording_policy=policy).update(recording_policy=policy):
            AdvanceConsent.objects.filter(appointment=appointment).delete()
            record(
                "appointment.policy",
                actor=by.pk,
                target_type="appointment",
                target=appointment.pk,
                policy=policy,
            )


def _check_text(version: str) -> None:
    if not ConsentText.objects.filter(version=version).exists():
        raise ConsentMissing("There is no consent text of this version.")
