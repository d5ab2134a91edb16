"""What people say about their contact once it is over."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.desk.states import EntryState
from calls.models import QueueEntry, SurveyAnswer
from calls.services.desk.errors import AnsweredBefore, NotOver, NotYourContact

# So long after the first answer it can be changed.
CHANGED_FOR = timedelta(days=1)


def answer(
    entry: QueueEntry, user: User, *, score: int, solved: str, comment: str = ""
) -> SurveyAnswer:
    """Keep the answer of the person of the entry; within a day another one takes its place.

    Raises NotYourContact, NotOver if nobody has spoken with them or somebody still does,
    AnsweredBefore when the day is over.
    """
    if entry.person_id != user.pk:
        raise NotYourContact
    now = timezone.now()
    with transaction.atomic():
        row = QueueEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        if not is_over(row):
            raise NotOver
        earlier = SurveyAnswer.objects.filter(entry=row).first()
        if earlier and now > changes_until(earlier):
            raise AnsweredBefore
        said = {"score": score, "solved": solved, "comment": comment}
        kept, _ = SurveyAnswer.objects.update_or_create(
            entry=row,
            defaults={**said, "changed_at": now},
            create_defaults={**said, "answered_at": now},
        )
        record("desk.survey", actor=user.pk, target_type="queueentry", target=row.pk)
    return kept


def is_over(entry: QueueEntry) -> bool:
    """Whether somebody has spoken with the person, and nobody does any more."""
    return entry.state == EntryState.DONE and entry.answered_at is not None


def changes_until(kept: SurveyAnswer) -> datetime:
    return kept.answered_at + CHANGED_FOR
