"""How long the words of contacts are kept: by the queue's days, counted from the contact's end.

What somebody wrote and who they were goes; that they came, when, how long and to whom stays, so
no figure changes. Nothing of a contact goes while a legal hold stands on a recording of it, and its
chat stays for as long as a recording does, of which it is a part.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Role, User
from audit.log import record
from calls.models import (
    CallEvent,
    Handling,
    Invitation,
    LegalHold,
    Queue,
    QueueEntry,
    QueueOffer,
    Recording,
    SurveyAnswer,
)
from calls.protocol import FactKind
from calls.services import forgetting
from calls.services.holds import NOTHING_TO_HOLD
from calls.states import CallState

# What stands for the name of somebody who is not known any more.
NOBODY = "–"
BATCH = 500

_OF = {"entry": OuterRef("pk")}
_LINES = CallEvent.objects.filter(call=OuterRef("call"), kind=FactKind.CHAT).exclude(data__text="")
# Something of it was captured, and is there or may be there again.
_RECORDED = Recording.objects.filter(call=OuterRef("call"), started_at__isnull=False).exclude(
    state__in=NOTHING_TO_HOLD
)
# A booked visit may go on, or come later, when the place in line is given up.
_IS_OVER = Q(appointment__isnull=True, call__state=CallState.ENDED)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of words: the field of the queue with its days, which contacts have some left, and
    what takes them away."""

    field: str
    has_some: Q
    forget: Callable[[Iterable[UUID]], None]


def _forget_notes(entries: Iterable[UUID]) -> None:
    Handling.objects.filter(entry__in=entries).update(note="")
    QueueOffer.objects.filter(entry__in=entries).update(note="")
    QueueEntry.objects.filter(pk__in=entries).update(handed_note="")


def _forget_writing(entries: Iterable[UUID]) -> None:
    QueueEntry.objects.filter(pk__in=entries).update(subject="", message="", answer="")


def _forget_details(entries: Iterable[UUID]) -> None:
    """An account keeps its name, and a guest it until the last of their contacts is forgotten."""
    rows = QueueEntry.objects.filter(pk__in=entries)
    rows.update(phone="", email="")
    rows.filter(person__role=Role.GUEST).update(name=NOBODY)
    known = QueueEntry.objects.filter(person=OuterRef("pk")).exclude(name=NOBODY)
    guests = User.objects.filter(role=Role.GUEST, queue_entries__in=entries)
    here = list(guests.values_list("pk", flat=True))
    forgetting.forget_names(_calls(entries), here, instead=NOBODY)
    invited = Invitation.objects.filter(guest=OuterRef("pk"))
    forgotten = guests.exclude(Exists(known)).exclude(Exists(invited))
    User.objects.filter(pk__in=list(forgotten.values_list("pk", flat=True))).update(
        display_name=NOBODY
    )


def _forget_chat(entries: Iterable[UUID]) -> None:
    forgetting.forget_chat(_calls(entries))


def _forget_comments(entries: Iterable[UUID]) -> None:
    SurveyAnswer.objects.filter(entry__in=entries).update(comment="")


KINDS = (
    Kind(
        "notes_kept_days",
        Q(Exists(Handling.objects.filter(**_OF).exclude(note="")))
        | Q(Exists(QueueOffer.objects.filter(**_OF).exclude(note="")))
        | ~Q(handed_note=""),
        _forget_notes,
    ),
    Kind("writing_kept_days", ~Q(subject="", message="", answer=""), _forget_writing),
    Kind(
        "details_kept_days",
        ~Q(phone="", email="") | Q(person__role=Role.GUEST) & ~Q(name=NOBODY),
        _forget_details,
    ),
    Kind("chat_kept_days", _IS_OVER & Q(Exists(_LINES)) & ~Q(Exists(_RECORDED)), _forget_chat),
    Kind(
        "comments_kept_days",
        Q(Exists(SurveyAnswer.objects.filter(**_OF).exclude(comment=""))),
        _forget_comments,
    ),
)


def _calls(entries: Iterable[UUID]) -> list[UUID]:
    rows = QueueEntry.objects.filter(pk__in=entries, call__isnull=False)
    return list(rows.values_list("call", flat=True))


def sweep() -> int:
    """Forget what was kept long enough, in all queues; how many contacts lost something."""
    return sum(
        _forget_due(queue, kind)
        for queue in Queue.objects.all()
        for kind in KINDS
        if getattr(queue, kind.field) is not None
    )


def due_with(queue: Queue, days: Mapping[str, int | None]) -> int:
    """How many contacts of the queue would lose something at once, if these were its days."""
    now = timezone.now()
    found: set[UUID] = set()
    for kind in KINDS:
        if (kept := days.get(kind.field)) is not None:
            found.update(_due(queue, kind, kept, now).values_list("pk", flat=True))
    return len(found)


def _forget_due(queue: Queue, kind: Kind) -> int:
    """In batches, each with its line in the audit log; what another sweep has locked is its."""
    days, now, forgotten = getattr(queue, kind.field), timezone.now(), 0
    while True:
        with transaction.atomic():
            rows = _due(queue, kind, days, now).select_for_update(of=("self",), skip_locked=True)
            entries = list(rows.order_by("ended_at").values_list("pk", flat=True)[:BATCH])
            if not entries:
                return forgotten
            kind.forget(entries)
            record(
                "queue.forget",
                actor="",
                target_type="queue",
                target=queue.pk,
                what=kind.field.removesuffix("_kept_days"),
                days=days,
                contacts=len(entries),
            )
        forgotten += len(entries)


def _due(queue: Queue, kind: Kind, days: int, now: datetime) -> QuerySet[QueueEntry]:
    over = QueueEntry.objects.filter(queue=queue, ended_at__lte=now - timedelta(days=days))
    held = LegalHold.objects.standing().filter(recording__call=OuterRef("call"))
    return over.filter(kind.has_some).exclude(Exists(held))
