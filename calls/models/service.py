"""What can be booked."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RecordingPolicy(models.TextChoices):
    NEVER = "never", _("Never recorded")
    ASK = "ask", _("Ask in the visit")
    BOOKING = "booking", _("Ask when it is booked")


class Media(models.TextChoices):
    """How people meet; a lesser one is always possible."""

    VIDEO = "video", _("By video")
    AUDIO = "audio", _("By voice")
    TEXT = "text", _("In writing")


class RecordingQuality(models.TextChoices):
    """What a browser sends to the recorder, apart from what it sends to the others."""

    AUDIO = "audio", _("Sound only")
    SMALL = "small", _("Small picture (360p)")
    FULL = "full", _("Full picture")


DAY_MINUTES = 24 * 60
# People that a mesh of browsers carries, the agent among them (docs/architecture.md).
MOST_PEOPLE = 4


def default_reminders() -> list[int]:
    """A day and ten minutes before."""
    return [DAY_MINUTES, 10]


def check_reminders(value: object) -> None:
    """Raise ValidationError unless `value` is a list of at most five different numbers of minutes,
    each from 1 to 14 days."""
    minutes = value if isinstance(value, list) else [0]
    whole = all(type(one) is int and 1 <= one <= 14 * DAY_MINUTES for one in minutes)
    if not whole or len(minutes) > 5 or len(set(minutes)) < len(minutes):
        raise ValidationError(
            _("Give up to five different numbers of minutes, each from 1 to 20160.")
        )


class Service(models.Model):
    """One kind of visit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(pgettext_lazy("service", "name"), max_length=120)
    description = models.CharField(_("description"), max_length=500, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(
        _("length in minutes"), validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    buffer_before_minutes = models.PositiveSmallIntegerField(
        _("minutes kept free before"), default=0, validators=[MaxValueValidator(120)]
    )
    buffer_after_minutes = models.PositiveSmallIntegerField(
        _("minutes kept free after"), default=0, validators=[MaxValueValidator(120)]
    )
    notice_minutes = models.PositiveIntegerField(
        _("booked at the latest, minutes before"),
        default=0,
        validators=[MaxValueValidator(60 * DAY_MINUTES)],
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("booked at the earliest, days before"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    change_notice_minutes = models.PositiveIntegerField(
        _("patients may change or cancel until, minutes before"),
        default=0,
        validators=[MaxValueValidator(60 * DAY_MINUTES)],
    )
    capacity = models.PositiveSmallIntegerField(
        _("patients in one visit"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PEOPLE - 1)],
        help_text=_("More than one makes it a group: several patients book the same time."),
    )
    media = models.CharField(
        _("how people meet"), max_length=8, choices=Media.choices, default=Media.VIDEO
    )
    language = models.CharField(
        _("language of the visit"),
        max_length=16,
        choices=settings.LANGUAGES,
        blank=True,
        help_text=_("Empty: any."),
    )
    reminder_minutes = models.JSONField(
        _("reminders, minutes before"),
        default=default_reminders,
        blank=True,
        validators=[check_reminders],
    )
    no_show_minutes = models.PositiveSmallIntegerField(
        _("a patient who has not come counts as absent after minutes"),
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
    )
    agents = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("agents"), related_name="services", blank=True
    )
    fallback_queue = models.ForeignKey(
        "calls.Queue",
        on_delete=models.SET_NULL,
        verbose_name=_("queue when the agent is missing"),
        related_name="+",
        null=True,
        blank=True,
        help_text=_(
            "Patients who wait while their agent has not come are offered to the agents of this "
            "queue as well, who learn the name of the service and not the reason. Not for groups. "
            "Empty: they wait for their agent alone."
        ),
    )
    fallback_minutes = models.PositiveSmallIntegerField(
        _("after minutes"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("Counted from the time that was booked."),
    )
    recording_policy = models.CharField(
        _("recording"), max_length=8, choices=RecordingPolicy.choices, default=RecordingPolicy.ASK
    )
    recording_quality = models.CharField(
        _("picture in recordings"),
        max_length=8,
        choices=RecordingQuality.choices,
        default=RecordingQuality.SMALL,
    )
    retention_days = models.PositiveIntegerField(
        _("recordings are kept for days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36_500)],
        help_text=_("Empty: until somebody deletes them."),
    )
    deletion_needs_two = models.BooleanField(
        _("two people must agree to delete a recording"), default=False
    )
    is_active = models.BooleanField(_("can be booked"), default=True)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(duration_minutes__gte=5, duration_minutes__lte=480),
                name="service_length_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    buffer_before_minutes__lte=120,
                    buffer_after_minutes__lte=120,
                    horizon_days__gte=1,
                    horizon_days__lte=365,
                ),
                name="service_times_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1, capacity__lt=MOST_PEOPLE),
                name="service_capacity_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(fallback_minutes__gte=1, fallback_minutes__lte=60),
                name="service_fallback_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(retention_days__isnull=True) | models.Q(retention_days__gte=1),
                name="service_retention_sane",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes)

    @property
    def is_group(self) -> bool:
        return self.capacity > 1
