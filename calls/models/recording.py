"""A recording and what everyone said to it."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from calls.chain import BEGINNING
from calls.models.call import CallSession, Participant
from calls.models.service import RecordingQuality
from calls.states import OPEN_RECORDINGS, ConsentState, RecordingState


class Recording(models.Model):
    """A recording of a call and, by its lease, the queue that recorder workers take it from.

    `lease_owner` works on it until `lease_expires_at`; an expired lease is anybody's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(CallSession, on_delete=models.PROTECT, related_name="recordings")
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[
            (RecordingState.ASKING, _("Asking for consent")),
            (RecordingState.QUEUED, _("Waiting for a recorder")),
            (RecordingState.RECORDING, pgettext_lazy("under way", "Recording")),
            (RecordingState.STOPPING, _("Stopping")),
            (RecordingState.FINALISING, _("Being prepared")),
            (RecordingState.READY, _("Ready")),
            (RecordingState.REFUSED, _("Refused")),
            (RecordingState.FAILED, _("Failed")),
            (RecordingState.ERASED, _("Erased")),
        ],
        default=RecordingState.ASKING,
    )
    quality = models.CharField(
        _("picture"),
        max_length=8,
        choices=RecordingQuality.choices,
        default=RecordingQuality.SMALL,
        help_text=_("What each browser sends to the recorder; taken from the service when asked."),
    )
    # Nobody where the schedule asked.
    asked_by = models.ForeignKey(
        Participant, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    queued_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)
    delay_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=64, blank=True)
    lease_owner = models.CharField(_("worker"), max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(_("lease until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # The data key under the deployment's key (calls/archive/vault.py); empty after crypto-erasure.
    wrapped_key = models.BinaryField(default=bytes, editable=False)
    # The newest entry of its ledger (calls/models/ledger.py): what the chain must end with.
    ledger_number = models.PositiveIntegerField(default=0, editable=False)
    ledger_head = models.CharField(max_length=64, default=BEGINNING, editable=False)
    # Set when it is ready, by its service's retention; None is kept until somebody deletes it.
    delete_after = models.DateTimeField(_("kept until"), null=True, blank=True)
    # As its service wanted when it was asked for: to let one person delete is for later ones only.
    deletion_needs_two = models.BooleanField(
        _("deleted by two people"), default=False, db_default=False
    )
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ("-asked_at",)
        indexes = (
            # The sweep for work and for expired leases; the dashboard's counts.
            models.Index(fields=("state", "lease_expires_at"), name="recording_by_state"),
            # The sweep for what has been kept long enough.
            models.Index(fields=("delete_after",), name="recording_by_delete_after"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("call",),
                condition=models.Q(state__in=[state.value for state in OPEN_RECORDINGS]),
                name="recording_one_open_per_call",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in RecordingState]),
                name="recording_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=RecordingState.ERASED)
                | models.Q(erased_at__isnull=False, wrapped_key=b""),
                name="recording_erased_has_no_key",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id}"

    @property
    def length_secs(self) -> float:
        """From its start to its stop; 0 before both."""
        if self.started_at is None or self.stopped_at is None:
            return 0.0
        return (self.stopped_at - self.started_at).total_seconds()


class Consent(models.Model):
    """What one participant said to one recording, with the wording that they saw."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="consents")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="consents")
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[
            (ConsentState.ASKED, _("Asked")),
            (ConsentState.GIVEN, _("Given")),
            (ConsentState.REFUSED, _("Refused")),
            (ConsentState.WITHDRAWN, _("Withdrawn")),
        ],
        default=ConsentState.ASKED,
    )
    text_version = models.CharField(_("text version"), max_length=32, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    given_at = models.DateTimeField(_("given"), null=True, blank=True)
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = (
            models.UniqueConstraint(fields=("recording", "participant"), name="consent_once"),
            models.CheckConstraint(
                condition=~models.Q(state=ConsentState.GIVEN)
                | (models.Q(given_at__isnull=False) & ~models.Q(text_version="")),
                name="consent_given_names_text",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant_id} {self.state}"
