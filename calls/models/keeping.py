"""How long a recording is kept: holds against deletion, and what is left of an erased one."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.recording import Recording
from calls.states import DeletionState


class HoldManager(models.Manager["LegalHold"]):
    def standing(self) -> models.QuerySet["LegalHold"]:
        """Those that are not lifted."""
        return self.filter(lifted_at__isnull=True)

    def stands_on(self, recording: uuid.UUID) -> bool:
        """Whether nothing of the recording may be deleted now.

        True for good only while the caller holds the recording's row locked: who places a hold,
        and who erases, locks it too.
        """
        return self.standing().filter(recording=recording).exists()


class LegalHold(models.Model):
    """While it is not lifted, nothing of the recording may be deleted, by whatever rule."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="holds")
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    placed_at = models.DateTimeField(_("placed"))
    purpose = models.CharField(_("purpose"), max_length=500)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_purpose = models.CharField(_("why it was lifted"), max_length=500, blank=True)

    objects = HoldManager()

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ("-placed_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="hold_lifted_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id}"


class Deletion(models.Model):
    """Somebody's wish to delete a recording; where the service wants four eyes, another decides."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="deletions")
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=[
            (DeletionState.ASKED, _("Waiting for a second person")),
            (DeletionState.AGREED, _("Agreed")),
            (DeletionState.REFUSED, _("Refused")),
            (DeletionState.DONE, _("Done")),
        ],
        default=DeletionState.ASKED,
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    purpose = models.CharField(_("purpose"), max_length=500)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    # Taken from the service when it was asked for: a later change does not weaken it.
    needs_two = models.BooleanField(_("needs two people"), default=False)

    class Meta:
        verbose_name = _("deletion")
        verbose_name_plural = _("deletions")
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("recording",),
                condition=models.Q(state__in=[DeletionState.ASKED, DeletionState.AGREED]),
                name="deletion_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(needs_two=False)
                | models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("asked_by"))
                | models.Q(state=DeletionState.REFUSED),
                name="deletion_by_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id}"


class ErasureCertificate(models.Model):
    """What says that a recording's key and media are gone, when, why and by whom; kept for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.OneToOneField(
        Recording, on_delete=models.PROTECT, related_name="certificate"
    )
    issued_at = models.DateTimeField(_("issued"))
    cause = models.CharField(
        _("cause"),
        max_length=16,
        choices=[
            ("retention", _("Kept long enough")),
            ("deletion", _("Deleted by decision")),
            ("restored", _("Erased again after a backup was restored")),
        ],
    )
    document = models.JSONField(_("document"), encoder=DjangoJSONEncoder)
    sha256 = models.CharField(_("SHA-256 of the document"), max_length=64)
    # None until the storage holds a copy, and until no file of the recording is left anywhere.
    copied_at = models.DateTimeField(_("copied to the storage"), null=True, blank=True)
    cleared_at = models.DateTimeField(_("all files gone"), null=True, blank=True)

    class Meta:
        verbose_name = _("erasure certificate")
        verbose_name_plural = _("erasure certificates")
        ordering = ("-issued_at",)
        indexes = (
            # The sweep for erased recordings whose files are not all gone.
            models.Index(
                fields=("issued_at",),
                condition=models.Q(cleared_at__isnull=True),
                name="certificate_not_cleared",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id}"


def document_digest(document: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, over a certificate's document: keys sorted, no blanks."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Reconciliation(models.Model):
    """One comparison of the archive's rows with the files that lie in storage and spool."""

    # Whose spool was compared, "" for the storage and the spool of who compared it.
    machine = models.CharField(_("machine"), max_length=60, blank=True, db_default="")

    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    is_running = models.BooleanField(_("under way"), default=True)
    deletes = models.BooleanField(_("deletes what may go"), default=False)
    # What was looked at and found, by kind; and the first findings, for people.
    counts = models.JSONField(_("counts"), default=dict)
    findings = models.JSONField(_("findings"), default=list)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("machine",),
                condition=models.Q(is_running=True),
                name="reconciliation_one_running",
            ),
        )

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
