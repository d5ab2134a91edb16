"""What those who lead the desk want to be told, and what they were told."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.desk.alerts import AlertKind
from calls.models.call import CallSession
from calls.models.queue import Queue

KINDS = [
    (AlertKind.LONGEST_WAIT, _("Somebody waits for longer than seconds")),
    (AlertKind.SERVICE_LEVEL, _("The service level today is under percent")),
    (AlertKind.IDLE, _("An agent is idle for longer than minutes")),
    (AlertKind.WAITING, _("More people wait than")),
    (AlertKind.RISK_WORD, _("Somebody writes a risk word")),
]


class AlertRule(models.Model):
    """A limit; `told` get a mail each time it is crossed, and the wallboard shows it."""

    kind = models.CharField(_("when"), max_length=16, choices=KINDS)
    threshold = models.PositiveIntegerField(
        _("limit"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(86_400)],
        help_text=_("Seconds, percent, minutes or people; not used for risk words."),
    )
    queue = models.ForeignKey(
        Queue,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: for each queue by itself."),
    )
    told = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("told by e-mail"),
        related_name="+",
        blank=True,
        help_text=_("On the wallboard everybody who leads the desk sees it."),
    )
    is_active = models.BooleanField(_("watched"), default=True)

    class Meta:
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        ordering = ("kind", "threshold")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in AlertKind]),
                name="alert_rule_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(threshold__gte=1), name="alert_rule_has_threshold"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.threshold}"

    def clean(self) -> None:
        """Raises ValidationError for a service level that nobody can fall below."""
        if self.kind == AlertKind.SERVICE_LEVEL and (self.threshold or 0) > 100:
            raise ValidationError({"threshold": _("A service level has 100 percent at most.")})


class Alert(models.Model):
    """Something that was crossed, from when until when. One is open for each `key`.

    `person` wrote a risk word in `call`; what was written is not kept here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=120, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=KINDS)
    rule = models.ForeignKey(
        AlertRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="alerts"
    )
    queue = models.ForeignKey(
        Queue, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    call = models.ForeignKey(
        CallSession, on_delete=models.CASCADE, null=True, blank=True, related_name="alerts"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    value = models.PositiveIntegerField(_("measured"), default=0)
    threshold = models.PositiveIntegerField(_("limit"), default=0)
    raised_at = models.DateTimeField(_("raised"), default=timezone.now)
    cleared_at = models.DateTimeField(_("passed"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        verbose_name=_("acknowledged by"),
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ("-raised_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in AlertKind]),
                name="alert_kind_known",
            ),
            # The sweep reads the open ones by it too.
            models.UniqueConstraint(
                fields=("key",),
                condition=models.Q(cleared_at__isnull=True),
                name="alert_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | models.Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="alert_acknowledged_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.raised_at:%Y-%m-%d %H:%M}"


class RiskWord(models.Model):
    """A word or a few words that call for somebody when they are written in a conversation."""

    words = models.CharField(
        _("word"),
        max_length=80,
        help_text=_("Found as whole words, whatever the case; in Chinese anywhere in a text."),
    )
    language = models.CharField(
        _("language"), max_length=16, choices=settings.LANGUAGES, blank=True
    )
    is_active = models.BooleanField(_("watched"), default=True)

    class Meta:
        verbose_name = _("risk word")
        verbose_name_plural = _("risk words")
        ordering = ("words",)
        constraints = (models.UniqueConstraint(Lower("words"), name="risk_word_once"),)

    def __str__(self) -> str:
        return self.words
