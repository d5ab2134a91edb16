"""What the router decided, and what rings at whose desk because of it."""

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.desk.states import RingState
from calls.models.queue import Queue
from calls.models.queue_entry import QueueEntry


class RoutingReason(models.TextChoices):
    RESERVED = "reserved", _("It was meant for this agent.")
    LAST_CONTACT = "last_contact", _("They spoke with each other last time.")
    PREFERRED = "preferred", _("This agent has most of the preferred skills.")
    LONGEST_IDLE = "longest_idle", _("This agent was idle the longest.")
    ONLY_ONE = "only_one", _("Nobody else could take it.")


class RoutingDecision(models.Model):
    """Why an entry went to an agent. Never changed, and enough to run the day again.

    `candidates`: the first few, `[{"agent", "idle_secs", "preferred"}]` in the order of the rule,
    with "lacks" where a colleague handed somebody on to who lacks what the queue asks for;
    `refused`: how many agents at the desk were none, by the reason that ruled them out.
    """

    entry = models.ForeignKey(QueueEntry, on_delete=models.CASCADE, related_name="decisions")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)
    policy = models.CharField(_("policy"), max_length=20)
    reason = models.CharField(_("reason"), max_length=12, choices=RoutingReason.choices)
    waited_secs = models.PositiveIntegerField(_("waited, seconds"))
    candidates = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    candidate_count = models.PositiveIntegerField(_("candidates"))
    refused = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("routing decision")
        verbose_name_plural = _("routing decisions")
        ordering = ("-at", "-pk")
        indexes = (
            # A day of decisions, for the supervisor's list.
            models.Index(fields=("-at",), name="decision_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.get_reason_display()}"


class OfferKind(models.TextChoices):
    ROUTED = "routed", _("From the queue")
    CONSULT = "consult", _("A colleague asks for advice")


class QueueOffer(models.Model):
    """An entry that rings at an agent's desk. At most one rings for an entry, and for an agent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(QueueEntry, on_delete=models.CASCADE, related_name="offers")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="queue_offers"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=OfferKind.choices)
    decision = models.OneToOneField(
        RoutingDecision, on_delete=models.CASCADE, null=True, blank=True, related_name="offer"
    )
    # The colleague who asks, with what they say about it.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[
            (RingState.RINGING, _("Ringing")),
            (RingState.ACCEPTED, _("Accepted")),
            (RingState.DECLINED, _("Declined")),
            (RingState.MISSED, _("Not answered")),
            (RingState.WITHDRAWN, _("Withdrawn")),
        ],
        default=RingState.RINGING,
    )
    offered_at = models.DateTimeField(_("offered"), default=timezone.now)
    rings_until = models.DateTimeField(_("rings until"))
    settled_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ("-offered_at",)
        indexes = (
            # The sweep over offers that nobody answers.
            models.Index(
                fields=("rings_until",),
                condition=models.Q(state=RingState.RINGING),
                name="offer_rings_until",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in RingState]),
                name="offer_ring_state_known",
            ),
            models.UniqueConstraint(
                fields=("entry",),
                condition=models.Q(state=RingState.RINGING),
                name="offer_one_rings_for_entry",
            ),
            models.UniqueConstraint(
                fields=("agent",),
                condition=models.Q(state=RingState.RINGING),
                name="offer_one_rings_for_agent",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RingState.RINGING, settled_at__isnull=True)
                | (~models.Q(state=RingState.RINGING) & models.Q(settled_at__isnull=False)),
                name="offer_settled_has_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.state}"
