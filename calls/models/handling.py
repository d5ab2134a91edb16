"""What agents did with a contact, and the texts that help them."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.desk.states import HandlingState
from calls.models.queue import Queue
from calls.models.queue_entry import QueueEntry

NOTE_LENGTH = 4000


class WrapUpCode(models.Model):
    """What a contact was about, or how it ended, as agents say it afterwards."""

    name = models.CharField(_("what it was"), max_length=80)
    queue = models.ForeignKey(
        Queue,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="wrap_up_codes",
        help_text=_("Empty: for all queues."),
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("wrap-up code")
        verbose_name_plural = _("wrap-up codes")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("name", "queue"),
                condition=models.Q(queue__isnull=False),
                name="wrap_up_code_once_in_queue",
            ),
            models.UniqueConstraint(
                fields=("name",),
                condition=models.Q(queue__isnull=True),
                name="wrap_up_code_once_for_all",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Handling(models.Model):
    """One agent's part in a contact: from accepting it to the end of the after-call work."""

    entry = models.ForeignKey(QueueEntry, on_delete=models.CASCADE, related_name="handlings")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handlings"
    )
    state = models.CharField(
        _("state"),
        max_length=11,
        choices=[
            (HandlingState.TALKING, _("Talking")),
            (HandlingState.WRAPPING_UP, _("After-call work")),
            (HandlingState.DONE, _("Done")),
        ],
        default=HandlingState.TALKING,
    )
    is_consult = models.BooleanField(
        _("gave advice"), default=False, help_text=_("Came in for a colleague, who went on.")
    )
    began_at = models.DateTimeField(_("accepted"), default=timezone.now)
    talked_until = models.DateTimeField(_("talked until"), null=True, blank=True)
    wraps_up_until = models.DateTimeField(_("after-call work at most until"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    code = models.ForeignKey(
        WrapUpCode, on_delete=models.PROTECT, null=True, blank=True, related_name="handlings"
    )
    note = models.TextField(_("note"), max_length=NOTE_LENGTH, blank=True)
    # Counts what was saved: who writes over another's newer text is told.
    note_version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("part of an agent in a contact")
        verbose_name_plural = _("parts of agents in contacts")
        ordering = ("began_at",)
        indexes = (
            # An agent's days in the reports.
            models.Index(fields=("began_at", "agent"), name="handling_by_day"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in HandlingState]),
                name="handling_state_known",
            ),
            models.UniqueConstraint(
                fields=("entry", "agent"),
                condition=~models.Q(state=HandlingState.DONE),
                name="handling_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(state=HandlingState.TALKING, talked_until__isnull=True)
                | (~models.Q(state=HandlingState.TALKING) & models.Q(talked_until__isnull=False)),
                name="handling_talked_until",
            ),
            models.CheckConstraint(
                condition=models.Q(state=HandlingState.DONE, done_at__isnull=False)
                | (~models.Q(state=HandlingState.DONE) & models.Q(done_at__isnull=True)),
                name="handling_done_has_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.agent_id}"


class CannedReply(models.Model):
    """A text that agents send with one press; `{name}` and `{agent}` are filled in."""

    title = models.CharField(_("title"), max_length=80)
    text = models.CharField(_("text"), max_length=1000)
    language = models.CharField(_("language"), max_length=16, blank=True)
    queue = models.ForeignKey(
        Queue,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="canned_replies",
        help_text=_("Empty: for all queues."),
    )

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title
