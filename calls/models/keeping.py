"""How long a recording is kept: holds against deletion, and what is left of an erased one."""

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.recording import Recording
from calls.states import DeletionState


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

    class Meta:
        verbose_name = _("erasure certificate")
        verbose_name_plural = _("erasure certificates")
        ordering = ("-issued_at",)

    def __str__(self) -> str:
        return f"{self.id}"
