"""An agent at the desk: what they can, what they do now, and what they did all day."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.desk.states import CHOICES, AgentState
from calls.models.queue import Skill, check_languages

STATES = [
    (AgentState.AVAILABLE, _("Available")),
    (AgentState.BUSY, _("Busy")),
    (AgentState.AFTER_CALL, _("After-call work")),
    (AgentState.BREAK, _("Break")),
    (AgentState.OFFLINE, _("Offline")),
]


class DeskAgent(models.Model):
    """`state` is what everybody sees; `wanted` is what the agent chose, and comes back after talk.

    `seen_at`: when a page of theirs was connected last; `is_connected`: whether one still is, as
    far as anybody knows.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk"
    )
    skills = models.ManyToManyField(
        Skill, verbose_name=_("skills"), related_name="agents", blank=True
    )
    languages = models.JSONField(
        _("languages"), default=list, blank=True, validators=[check_languages]
    )
    most_chats = models.PositiveSmallIntegerField(
        _("conversations in writing at once"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    state = models.CharField(_("state"), max_length=10, choices=STATES, default=AgentState.OFFLINE)
    wanted = models.CharField(
        _("chosen"),
        max_length=10,
        choices=[entry for entry in STATES if entry[0] in CHOICES],
        default=AgentState.OFFLINE,
    )
    since = models.DateTimeField(_("since"), default=timezone.now)
    idle_since = models.DateTimeField(_("idle since"), default=timezone.now)
    missed = models.PositiveSmallIntegerField(_("offers missed in a row"), default=0)
    seen_at = models.DateTimeField(_("browser seen"), null=True, blank=True)
    is_connected = models.BooleanField(_("browser open"), default=False)

    class Meta:
        verbose_name = _("agent at the desk")
        verbose_name_plural = _("agents at the desk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in AgentState]),
                name="desk_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(wanted__in=[state.value for state in CHOICES]),
                name="desk_wanted_known",
            ),
            models.CheckConstraint(
                condition=models.Q(most_chats__gte=1, most_chats__lte=20), name="desk_chats_sane"
            ),
        )

    def __str__(self) -> str:
        return self.user.display_name


class AgentSpan(models.Model):
    """One stretch of an agent's day in one state; the last one has no end yet."""

    agent = models.ForeignKey(DeskAgent, on_delete=models.CASCADE, related_name="spans")
    state = models.CharField(_("state"), max_length=10, choices=STATES)
    # Why the system changed it: missed offers, browser closed, forced by a supervisor.
    reason = models.CharField(_("reason"), max_length=16, blank=True)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("stretch of an agent's day")
        verbose_name_plural = _("stretches of agents' days")
        ordering = ("starts_at",)
        indexes = (
            # The reports' sums over a range of days.
            models.Index(fields=("starts_at", "agent"), name="span_by_day"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("agent",), condition=models.Q(ends_at__isnull=True), name="span_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gte=models.F("starts_at")),
                name="span_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.starts_at:%Y-%m-%d %H:%M:%S}"
