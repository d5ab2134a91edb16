"""Who would like an earlier time, and the freed times that were offered to them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Dependant
from calls.models.service import Service
from calls.states import OfferState, WaitingState


class WaitingListEntry(models.Model):
    """A patient who waits for a time of a service to become free, in turn of `created_at`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="waiting_list")
    patient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="waiting_list"
    )
    dependant = models.ForeignKey(
        Dependant, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: whoever is free first."),
    )
    from_date = models.DateField(_("from"))
    until_date = models.DateField(_("until"))
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[
            (WaitingState.WAITING, _("Waiting")),
            (WaitingState.BOOKED, _("Booked")),
            (WaitingState.LEFT, _("Left")),
            (WaitingState.OVER, _("Over")),
        ],
        default=WaitingState.WAITING,
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("waiting list entry")
        verbose_name_plural = _("waiting list")
        ordering = ("created_at",)
        indexes = (
            # Whose turn it is when a time of the service becomes free.
            models.Index(fields=("service", "state", "created_at"), name="waiting_list_turn"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_date__gte=models.F("from_date")),
                name="waiting_list_dates",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in WaitingState]),
                name="waiting_list_state_known",
            ),
            models.UniqueConstraint(
                fields=("service", "patient"),
                condition=models.Q(state=WaitingState.WAITING),
                name="waiting_list_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.service}, {self.from_date} – {self.until_date}"


class SlotOffer(models.Model):
    """A freed time that is kept for one person of the waiting list until `expires_at`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(WaitingListEntry, on_delete=models.CASCADE, related_name="offers")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    made_at = models.DateTimeField(_("offered"), auto_now_add=True)
    expires_at = models.DateTimeField(_("kept until"))
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[
            (OfferState.OPEN, _("Open")),
            (OfferState.TAKEN, _("Taken")),
            (OfferState.DECLINED, _("Declined")),
            (OfferState.EXPIRED, _("Expired")),
        ],
        default=OfferState.OPEN,
    )

    class Meta:
        verbose_name = _("offered time")
        verbose_name_plural = _("offered times")
        ordering = ("-made_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="offer_has_length"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in OfferState]),
                name="offer_state_known",
            ),
            # Nobody is offered two times at once, nor the same time twice.
            models.UniqueConstraint(
                fields=("entry",),
                condition=models.Q(state=OfferState.OPEN),
                name="offer_one_open_per_entry",
            ),
            models.UniqueConstraint(fields=("entry", "agent", "starts_at"), name="offer_once"),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} UTC"
