"""The texts that people agree to, kept for ever in the wording that they saw."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ConsentText(models.Model):
    """One wording of one consent in one language; a changed wording is a new version."""

    version = models.CharField(_("version"), max_length=32)
    language = models.CharField(_("language"), max_length=16, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"))
    published_at = models.DateTimeField(_("published"), default=timezone.now)

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ("-published_at", "language")
        constraints = (
            models.UniqueConstraint(
                fields=("version", "language"), name="consent_text_once_per_language"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version} ({self.language})"

    @classmethod
    def current(cls, language: str) -> "ConsentText":
        """The newest text in `language`, else in English. Raises DoesNotExist if there is none."""
        newest = cls.objects.order_by("-published_at")
        return newest.filter(language=language).first() or newest.filter(language="en")[:1].get()
