"""What a service asks before a visit, what was answered, and what was shared afterwards."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.appointment import Appointment
from calls.models.service import Service


class QuestionKind(models.TextChoices):
    TEXT = "text", _("Text")
    CHOICE = "choice", _("Choice")
    FILE = "file", _("File")


class Question(models.Model):
    """One question of a service's form before the visit."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    label = models.CharField(_("question"), max_length=200)
    help_text = models.CharField(_("help"), max_length=300, blank=True)
    kind = models.CharField(
        _("kind"), max_length=8, choices=QuestionKind.choices, default=QuestionKind.TEXT
    )
    choices = models.TextField(_("choices"), blank=True, help_text=_("One on each line."))
    is_required = models.BooleanField(_("must be answered"), default=False)

    class Meta:
        verbose_name = _("question before the visit")
        verbose_name_plural = _("questions before the visit")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.label

    @property
    def options(self) -> list[str]:
        """The choices, without empty lines."""
        return [line.strip() for line in self.choices.splitlines() if line.strip()]


class Attachment(models.Model):
    """A file that belongs to a visit; its content lies sealed in the storage."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="attachments"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)
    name = models.CharField(_("name"), max_length=120)
    media_type = models.CharField(_("kind"), max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    wrapped_key = models.BinaryField(default=bytes, editable=False)

    class Meta:
        verbose_name = _("file of a visit")
        verbose_name_plural = _("files of visits")
        ordering = ("added_at",)

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What the patient answered; the question's words stay as they were."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(
        Question, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    label = models.CharField(_("question"), max_length=200)
    text = models.TextField(_("answer"), blank=True)
    attachment = models.OneToOneField(
        Attachment, on_delete=models.PROTECT, null=True, blank=True, related_name="answer"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)

    class Meta:
        verbose_name = _("answer before the visit")
        verbose_name_plural = _("answers before the visit")
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("appointment", "question"), name="answer_once"),
        )

    def __str__(self) -> str:
        return self.label


class VisitNote(models.Model):
    """What an agent writes to the patient about a visit."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("note"), max_length=10_000)
    written_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        verbose_name = _("note of a visit")
        verbose_name_plural = _("notes of visits")
        ordering = ("written_at",)

    def __str__(self) -> str:
        return f"{self.appointment_id}"
