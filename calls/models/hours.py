"""When somebody is there: weekly shifts, single days that differ, and time off."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


class Availability(models.Model):
    """A weekly shift in the agent's own time zone; `weekday` counts from Monday = 0."""

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="availability"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WEEKDAYS)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("weekly availability")
        verbose_name_plural = _("weekly availability")
        ordering = ("agent", "weekday", "starts")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(weekday__gte=0, weekday__lte=6), name="availability_weekday"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")), name="availability_has_length"
            ),
            models.UniqueConstraint(
                fields=("agent", "weekday", "starts"), name="availability_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}-{self.ends:%H:%M}"


class DayHours(models.Model):
    """Hours of one date, in the agent's zone, in place of the weekly ones and of a public holiday.

    A row without hours says that the agent is not there on that date.
    """

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="day_hours"
    )
    date = models.DateField(_("date"))
    starts = models.TimeField(_("from"), null=True, blank=True)
    ends = models.TimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("hours of a single day")
        verbose_name_plural = _("hours of single days")
        ordering = ("agent", "date", "starts")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(starts__isnull=True, ends__isnull=True)
                | models.Q(starts__isnull=False, ends__gt=models.F("starts")),
                name="day_hours_have_length",
            ),
            models.UniqueConstraint(
                fields=("agent", "date", "starts"),
                name="day_hours_once",
            ),
        )

    def __str__(self) -> str:
        hours = f"{self.starts:%H:%M}-{self.ends:%H:%M}" if self.starts and self.ends else "–"
        return f"{self.date} {hours}"


class TimeOff(models.Model):
    """Hours, days or weeks in which an agent is away; held by a `TakenTime` like a visit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="time_off"
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    note = models.CharField(_("note"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("entered"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("time off")
        verbose_name_plural = _("time off")
        ordering = ("starts_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="time_off_has_length"
            ),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}-{self.ends_at:%Y-%m-%d %H:%M} UTC"
