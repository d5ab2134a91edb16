"""A recording: who agreed, what was captured, and what became of it."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from calls.models.call import CallSession, Leg, Participant
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
        ],
        default=RecordingState.ASKING,
    )
    asked_by = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
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

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ("-asked_at",)
        indexes = (
            # The sweep for work and for expired leases; the dashboard's counts.
            models.Index(fields=("state", "lease_expires_at"), name="recording_by_state"),
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
        )

    def __str__(self) -> str:
        return f"{self.id}"


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


class Track(models.Model):
    """What one leg of one participant sent to the recorder: a run of segments."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="tracks")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="tracks")
    leg = models.ForeignKey(Leg, on_delete=models.PROTECT, related_name="tracks")
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("track")
        verbose_name_plural = _("tracks")
        ordering = ("started_at",)

    def __str__(self) -> str:
        return f"{self.id}"


class Segment(models.Model):
    """A line of the manifest: one encrypted piece of at most four seconds."""

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="segments")
    index = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("file"), max_length=200, unique=True)
    sha256 = models.CharField(_("SHA-256 of the ciphertext"), max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("bytes"))
    started_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"))
    video_frames = models.PositiveIntegerField(default=0)
    audio_frames = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ("track", "index")
        constraints = (
            models.UniqueConstraint(fields=("track", "index"), name="segment_index_once"),
        )

    def __str__(self) -> str:
        return self.name


class Artifact(models.Model):
    """A finished file of a recording, encrypted under its data key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="artifacts")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="artifacts")
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=[("media", _("Sound and picture")), ("poster", _("Poster"))],
    )
    name = models.CharField(_("file"), max_length=200, unique=True)
    content_type = models.CharField(_("content type"), max_length=100)
    sha256 = models.CharField(_("SHA-256 of the ciphertext"), max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("bytes, decrypted"))
    # Where on the recording's own timeline (seconds from started_at) this file begins.
    offset_secs = models.FloatField(default=0)
    duration_secs = models.FloatField(default=0)
    details = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("artifact")
        verbose_name_plural = _("artifacts")
        constraints = (
            models.UniqueConstraint(
                fields=("recording", "participant", "kind"), name="artifact_once"
            ),
        )

    def __str__(self) -> str:
        return self.name
