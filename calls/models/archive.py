"""What was captured of a recording, and the files made of it."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.call import Leg, Participant
from calls.models.recording import Recording
from calls.states import JobState


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
    # None while it lies in the spool of the recorder that wrote it (calls/archive/spool.py).
    stored_at = models.DateTimeField(_("in the storage since"), null=True, blank=True)
    # When a machine last said that it is there: a spool that is away is waited for (same place).
    spooled_at = models.DateTimeField(
        _("last seen in a spool"), default=timezone.now, db_default=Now()
    )

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ("track", "index")
        indexes = (
            models.Index(
                fields=("track",),
                condition=models.Q(stored_at__isnull=True),
                name="segment_in_spool",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("track", "index"), name="segment_index_once"),
        )

    def __str__(self) -> str:
        return self.name


class ArtifactManager(models.Manager["Artifact"]):
    def told(self, recording: uuid.UUID) -> list[dict[str, str]]:
        """Each person's files as the ledger names them: what is played is what was made."""
        rows = self.filter(recording=recording, participant__isnull=False).order_by("name")
        return [
            {"participant": str(participant), "kind": kind, "name": name, "sha256": sha256}
            for participant, kind, name, sha256 in rows.values_list(
                "participant", "kind", "name", "sha256"
            )
        ]


class Artifact(models.Model):
    """A finished file of a recording, encrypted under its data key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="artifacts")
    # None for a file of everybody: the mixed ones.
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="artifacts", null=True, blank=True
    )
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=[
            ("media", _("Sound and picture")),
            ("poster", _("Poster")),
            ("mp4", _("Everybody in one file (MP4)")),
            ("webm", _("Everybody in one file (WebM)")),
        ],
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
    stored_at = models.DateTimeField(_("in the storage since"), null=True, blank=True)

    objects = ArtifactManager()

    class Meta:
        verbose_name = _("artifact")
        verbose_name_plural = _("artifacts")
        constraints = (
            models.UniqueConstraint(
                fields=("recording", "participant", "kind"),
                condition=models.Q(participant__isnull=False),
                name="artifact_once",
            ),
            models.UniqueConstraint(
                fields=("recording", "kind"),
                condition=models.Q(participant__isnull=True),
                name="artifact_of_all_once",
            ),
        )

    def __str__(self) -> str:
        return self.name


class CutOut(models.Model):
    """An interval of one person's own sound and picture that is to be taken out for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="cut_outs")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="cut_outs")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("cut-out")
        verbose_name_plural = _("cut-outs")
        ordering = ("asked_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="cut_out_has_length"
            ),
        )

    def __str__(self) -> str:
        return f"{self.id}"


class FileJob(models.Model):
    """One mixed file that somebody asked for; by its lease the queue of who makes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="file_jobs")
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=[
            ("mp4", _("Everybody in one file (MP4)")),
            ("webm", _("Everybody in one file (WebM)")),
        ],
    )
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=[
            (JobState.WAITING, _("Waiting")),
            (JobState.WORKING, _("Being made")),
            (JobState.READY, _("Ready")),
            (JobState.FAILED, _("Failed")),
        ],
        default=JobState.WAITING,
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    progress_percent = models.PositiveSmallIntegerField(
        _("progress"), default=0, validators=[MaxValueValidator(100)]
    )
    reason = models.CharField(_("reason"), max_length=64, blank=True)
    lease_owner = models.CharField(_("worker"), max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(_("lease until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("file to be made")
        verbose_name_plural = _("files to be made")
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint(fields=("recording", "kind"), name="file_job_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in JobState]),
                name="file_job_state_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def worker(self) -> str:
        """The machine that works on it, "" for none."""
        return str(self.lease_owner.partition(":")[0])
