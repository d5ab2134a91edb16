"""How ready people are for their visits: what their browser found out, and that they will come."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.models import Appointment, DeviceTest, Media
from calls.services.errors import WrongState
from calls.states import AppointmentState, CallState

CHECK_IN_AHEAD = timedelta(hours=24)
NOT_TESTED = "untested"
GOOD = "ok"
# What a visit by each medium cannot do without.
NEEDED: Mapping[str, tuple[str, ...]] = {
    Media.VIDEO: ("browser", "camera", "microphone", "speaker", "network"),
    Media.AUDIO: ("browser", "microphone", "speaker", "network"),
    Media.TEXT: ("browser", "network"),
}


def keep_test(appointment: Appointment, person: User, parts: Mapping[str, str]) -> DeviceTest:
    """The kept result, in place of an earlier one: ready if every part that the visit needs is.

    `parts` says of each part "ok" or what is wrong. Raises WrongState once the visit is over.
    """
    if appointment.state != AppointmentState.BOOKED:
        raise WrongState("The visit is over.")
    needed = NEEDED[appointment.service.media]
    is_ready = all(parts.get(part) == GOOD for part in needed)
    outcome = DeviceTest.Outcome.READY if is_ready else DeviceTest.Outcome.PROBLEM
    tested = {part: parts.get(part, "") for part in needed}
    test, _is_new = DeviceTest.objects.update_or_create(
        appointment=appointment,
        person=person,
        defaults={"outcome": outcome, "parts": tested, "at": timezone.now()},
    )
    return test


def newest_test(appointment: Appointment, person: User) -> DeviceTest | None:
    tests = DeviceTest.objects.filter(appointment=appointment, person=person)
    return tests.order_by("-at").first()


def check_in(appointment: Appointment, person: User) -> None:
    """The patient says that they are there; said twice, the first time counts.

    Raises WrongState if the visit is over, or still more than a day ahead.
    """
    now = timezone.now()
    told = Appointment.objects.filter(
        pk=appointment.pk,
        patient=person,
        state=AppointmentState.BOOKED,
        starts_at__lte=now + CHECK_IN_AHEAD,
        ends_at__gt=now,
    )
    if not told.exists():
        raise WrongState("Nobody can check in for this visit now.")
    with transaction.atomic():
        if told.filter(checked_in_at=None).update(checked_in_at=now):
            record(
                "appointment.check_in",
                actor=person.pk,
                target_type="appointment",
                target=appointment.pk,
            )


def with_readiness(visits: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """The visits with `readiness` ("ready", "problem" or "untested") and `test_parts` of their
    patient's newest test."""
    tests = DeviceTest.objects.filter(appointment=OuterRef("pk"), person=OuterRef("patient"))
    newest = tests.order_by("-at")
    return visits.annotate(
        readiness=Coalesce(Subquery(newest.values("outcome")[:1]), Value(NOT_TESTED)),
        test_parts=Subquery(newest.values("parts")[:1]),
    )


def at_risk(now: datetime) -> Q:
    """Of visits with readiness: those still to begin whose patient is not known to be ready."""
    return Q(state=AppointmentState.BOOKED, call__state=CallState.OPEN, ends_at__gt=now) & ~Q(
        readiness=DeviceTest.Outcome.READY
    )
