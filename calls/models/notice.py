"""What people are told about their visits, in the portal and by mail; and their calendar feeds."""

import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from calls.models.appointment import Appointment
from calls.models.invitation import Invitation
from calls.models.queue_entry import QueueEntry
from calls.models.waiting_list import SlotOffer
from calls.states import MailState


class NoticeKind(models.TextChoices):
    BOOKED = "booked", _("Booked")
    MOVED = "moved", _("Moved")
    CANCELLED = "cancelled", _("Cancelled")
    REMINDER = "reminder", _("Reminder")
    OFFER = "offer", _("A time became free")
    SHARED = "shared", _("Something was shared with you")
    MISSED = "missed", _("Missed")
    NOT_HELD = "not_held", _("Did not take place")
    ANSWER = "answer", _("Your message was answered")
    CALL_NOW = "call_now", _("We call you back now")
    ALERT = "alert", _("The desk needs you")


class Notice(models.Model):
    """One thing that one person is told. The row is the queue that its mail is sent from.

    `key` makes it happen once, whoever asks how often. Who was invited by a link, or came into a
    queue without an account, is told by mail alone, at the address that the invitation or the
    entry names.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=160, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notices",
    )
    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=NoticeKind.choices)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    offer = models.ForeignKey(
        SlotOffer, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    entry = models.ForeignKey(
        QueueEntry, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    # What the words need beside the appointment: times in UTC (ISO 8601), counts.
    facts = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mail_state = models.CharField(
        _("mail"),
        max_length=8,
        choices=[
            (MailState.NONE, _("No mail")),
            (MailState.DUE, _("To be sent")),
            (MailState.SENT, _("Sent")),
            (MailState.FAILED, _("Failed")),
        ],
        default=MailState.NONE,
    )
    mail_attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    mail_next_at = models.DateTimeField(_("sent again at"), default=timezone.now)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-created_at",)
        indexes = (
            # A person's list, newest first.
            models.Index(fields=("person", "-created_at"), name="notice_of_person"),
            # The sweep that sends.
            models.Index(
                fields=("mail_next_at",),
                condition=models.Q(mail_state=MailState.DUE),
                name="notice_mail_due",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(mail_state__in=[state.value for state in MailState]),
                name="notice_mail_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, invitation__isnull=True)
                | models.Q(person__isnull=True, invitation__isnull=False, entry__isnull=True)
                | models.Q(person__isnull=True, invitation__isnull=True, entry__isnull=False),
                name="notice_to_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def email(self) -> str:
        if self.invitation:
            return self.invitation.email
        return (self.entry.email if self.entry else "") or self._reader.email

    @property
    def name(self) -> str:
        if self.invitation:
            return self.invitation.name
        return self.entry.name if self.entry else self._reader.display_name

    @property
    def language(self) -> str:
        return self._reader.language

    @property
    def zone(self) -> ZoneInfo:
        return self._reader.zone

    @property
    def _reader(self) -> User:
        """Whose language and zone it is written in; for who never opened their link, those of
        whoever invited them."""
        if self.invitation:
            return self.invitation.guest or self.invitation.created_by
        if self.entry:
            return self.entry.person
        assert self.person
        return self.person


class CalendarFeed(models.Model):
    """A person's private calendar address; its token carries `serial`, so a new one revokes it."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    serial = models.PositiveIntegerField(default=1)
    is_on = models.BooleanField(_("switched on"), default=True)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return f"{self.person_id}"
