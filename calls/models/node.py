"""A machine's recorder as it last told of itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RecorderNode(models.Model):
    """One Celery worker that takes recordings; silent for longer than a lease, it is gone."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    started_at = models.DateTimeField(_("started"))
    seen_at = models.DateTimeField(_("last seen"))
    is_leaving = models.BooleanField(_("takes no more"), default=False)
    capacity = models.PositiveIntegerField(_("recordings at once"))
    running = models.PositiveIntegerField(_("recording now"), default=0)
    disk_free_bytes = models.PositiveBigIntegerField(_("free on its disk"))
    spool_files = models.PositiveIntegerField(_("files in its spool"), default=0)
    spool_bytes = models.PositiveBigIntegerField(_("bytes in its spool"), default=0)
    memory_bytes = models.PositiveBigIntegerField(_("memory of its processes"), default=0)

    class Meta:
        verbose_name = _("recorder")
        verbose_name_plural = _("recorders")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
