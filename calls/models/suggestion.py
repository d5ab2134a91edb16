"""What suggestions of a next step are made from, and who wants none for now."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.handling import CannedReply
from calls.models.queue_entry import QueueEntry


class CannedUse(models.Model):
    """An agent chose a ready text in a contact; once, however often they pressed it."""

    entry = models.ForeignKey(QueueEntry, on_delete=models.CASCADE, related_name="+")
    reply = models.ForeignKey(CannedReply, on_delete=models.CASCADE, related_name="uses")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("use of a canned reply")
        verbose_name_plural = _("uses of canned replies")
        constraints = (
            models.UniqueConstraint(fields=("entry", "reply", "agent"), name="canned_use_once"),
        )

    def __str__(self) -> str:
        return f"{self.reply_id} {self.entry_id}"


class NotNow(models.Model):
    """The person put the suggested next step aside."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="not_now"
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("next step put aside")
        verbose_name_plural = _("next steps put aside")

    def __str__(self) -> str:
        return f"{self.person_id} {self.at:%Y-%m-%d}"
