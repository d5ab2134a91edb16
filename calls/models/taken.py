"""What takes somebody's time."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.appointment import Appointment
from calls.models.call import CallSession
from calls.models.hours import TimeOff
from calls.models.waiting_list import SlotOffer

# Exactly one of them says what the time is taken for.
OWNERS = ("call", "appointment", "time_off", "offer")


def _exactly_one() -> models.Q:
    condition = models.Q()
    for name in OWNERS:
        condition |= models.Q(**{f"{other}__isnull": other != name for other in OWNERS})
    return condition


class TakenTime(models.Model):
    """A stretch of one person's time that nothing else can have, in UTC; it goes when that is over.

    No two of one person overlap: an exclusion constraint on PostgreSQL and a trigger on SQLite
    hold it (calls/migrations/0011_taken_time.py). An agent's is that of the call with the buffers
    of its service, of time off, or of a time kept for somebody on the waiting list; a patient's is
    that of the appointment.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="taken_times"
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    call = models.OneToOneField(
        CallSession, on_delete=models.CASCADE, null=True, blank=True, related_name="taken_time"
    )
    appointment = models.OneToOneField(
        Appointment, on_delete=models.CASCADE, null=True, blank=True, related_name="taken_time"
    )
    time_off = models.OneToOneField(
        TimeOff, on_delete=models.CASCADE, null=True, blank=True, related_name="taken_time"
    )
    offer = models.OneToOneField(
        SlotOffer, on_delete=models.CASCADE, null=True, blank=True, related_name="taken_time"
    )

    class Meta:
        verbose_name = _("taken time")
        verbose_name_plural = _("taken times")
        indexes = (
            # The search for free times: what of some people ends after the window's start.
            models.Index(fields=("person", "ends_at"), name="taken_time_of_person"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="taken_time_has_length"
            ),
            models.CheckConstraint(condition=_exactly_one(), name="taken_time_for_one_thing"),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}-{self.ends_at:%H:%M} UTC"
