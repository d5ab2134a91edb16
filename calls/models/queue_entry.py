"""Somebody's place in a queue, and all that happened to it."""

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.desk.states import IN_LINE, OPEN_ENTRIES, EntryKind, EntryState
from calls.models.appointment import Appointment
from calls.models.call import CallSession
from calls.models.queue import Queue
from calls.models.service import Media

SUBJECT_LENGTH = 200
MESSAGE_LENGTH = 4000


class QueueEntry(models.Model):
    """A contact: it waits in a queue, is answered, and leads to one conversation.

    `arrived_at` is when it came to the house, `queued_at` when to the queue that it is in now;
    its turn goes by `arrived_at`, whatever happened on the way. `away_since`: their page has no
    connection, the place is kept for a while. `known_agent`: who spoke with the person last time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="entries")
    call = models.OneToOneField(CallSession, on_delete=models.CASCADE, related_name="entry")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="queue_entries"
    )
    # A booked visit whose agent is missing.
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="queue_entries"
    )
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=[
            (EntryKind.LIVE, _("Waits now")),
            (EntryKind.CALLBACK, _("Wants a call back")),
            (EntryKind.MESSAGE, _("Has written")),
        ],
        default=EntryKind.LIVE,
    )
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=[
            (EntryState.WAITING, _("Waiting")),
            (EntryState.RINGING, _("Ringing")),
            (EntryState.ANSWERED, _("Answered")),
            (EntryState.DONE, _("Done")),
            (EntryState.LEFT, _("Gave up")),
            (EntryState.CLOSED, _("Queue closed")),
        ],
        default=EntryState.WAITING,
    )
    name = models.CharField(_("name"), max_length=120)
    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH, blank=True)
    message = models.TextField(_("message"), max_length=MESSAGE_LENGTH, blank=True)
    # What an agent wrote back to a letter; mailed from a notice.
    answer = models.TextField(_("answer"), max_length=MESSAGE_LENGTH, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    media = models.CharField(
        _("how people meet"), max_length=8, choices=Media.choices, default=Media.VIDEO
    )
    # The site whose button was pressed; empty for the portal itself.
    origin = models.CharField(_("from the site"), max_length=200, blank=True)
    priority = models.SmallIntegerField(_("priority"), default=0)
    arrived_at = models.DateTimeField(_("came"), default=timezone.now)
    queued_at = models.DateTimeField(_("in this queue since"), default=timezone.now)
    away_since = models.DateTimeField(_("away since"), null=True, blank=True)
    # Only this agent gets it, for a while: handed on, assigned, or called back.
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reserved_until = models.DateTimeField(null=True, blank=True)
    known_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What the last agent says to the next one.
    handed_note = models.CharField(_("note for the next agent"), max_length=300, blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        help_text=_("Who speaks with the person now, or did last."),
    )
    answered_at = models.DateTimeField(_("first answered"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("queue entry")
        verbose_name_plural = _("queue entries")
        ordering = ("arrived_at",)
        indexes = (
            # Who is in line now: the router, the waiting pages, the wallboard.
            models.Index(
                fields=("queue", "arrived_at"),
                condition=models.Q(state__in=[state.value for state in OPEN_ENTRIES]),
                name="entry_in_line",
            ),
            # The same on SQLite, which knows no condition in a query whose values are parameters.
            models.Index(fields=("state", "arrived_at"), name="entry_by_state"),
            # A day of a queue: the wallboard's curve and the reports.
            models.Index(fields=("arrived_at", "queue"), name="entry_by_day"),
            # Somebody's earlier contacts, newest first.
            models.Index(fields=("person", "-arrived_at"), name="entry_of_person"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in EntryState]),
                name="entry_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in EntryKind]),
                name="entry_kind_known",
            ),
            models.UniqueConstraint(
                fields=("queue", "person"),
                # Who was answered once and is handed on may have another place as well.
                condition=models.Q(
                    state__in=[state.value for state in IN_LINE], answered_at__isnull=True
                )
                & ~models.Q(kind=EntryKind.MESSAGE.value),
                name="entry_one_place_in_line",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[state.value for state in OPEN_ENTRIES], ended_at__isnull=True
                )
                | (
                    ~models.Q(state__in=[state.value for state in OPEN_ENTRIES])
                    & models.Q(ended_at__isnull=False)
                ),
                name="entry_ended_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=EntryState.ANSWERED)
                | models.Q(agent__isnull=False, answered_at__isnull=False),
                name="entry_answered_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.name


class EntryEventKind(models.TextChoices):
    """What happens to an entry; `data` holds ids and numbers, never what was said."""

    ARRIVED = "arrived", _("Came")
    AWAY = "away", _("Connection lost")
    BACK = "back", _("Back")
    OFFERED = "offered", _("Offered")
    DECLINED = "declined", _("Declined")
    MISSED = "missed", _("Not answered")
    WITHDRAWN = "withdrawn", _("Offer withdrawn")
    ACCEPTED = "accepted", _("Accepted")
    MOVED = "moved", _("Moved")
    ASSIGNED = "assigned", _("Assigned")
    RECALLED = "recalled", _("Called back to the queue")
    OVERFLOWED = "overflowed", _("Waited too long for this queue")
    CALLBACK = "callback", _("Asked for a call back")
    MESSAGE = "message", _("Wrote instead")
    TRANSFERRED = "transferred", _("Handed on")
    LEFT = "left", _("Gave up")
    CLOSED = "closed", _("Queue closed")
    DONE = "done", _("Done")


class EntryEvent(models.Model):
    """One thing that happened to an entry; written with the change itself, never changed."""

    entry = models.ForeignKey(QueueEntry, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("at"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=12, choices=EntryEventKind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("event of a queue entry")
        verbose_name_plural = _("events of queue entries")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%H:%M:%S}"
