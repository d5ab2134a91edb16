"""What an agent sends to somebody who did not wait: the answer to a letter, and the call back."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.desk.states import OPEN_ENTRIES, EntryKind
from calls.models import QueueEntry
from calls.models.queue_entry import MESSAGE_LENGTH
from calls.services.desk.errors import NotALetter, NothingWritten, RepliedBefore
from calls.services.notices import notify


def reply(entry: QueueEntry, user: User, text: str) -> None:
    """The answer is kept and mailed to the address that the person gave; an account finds it in
    the portal too. The state of the entry is the caller's to change.

    Raises NotALetter, NothingWritten (or too much), and RepliedBefore: only one answer is sent.
    """
    text = text.strip()
    if not text or len(text) > MESSAGE_LENGTH:
        raise NothingWritten
    if entry.kind != EntryKind.MESSAGE or not entry.email:
        raise NotALetter
    with transaction.atomic():
        if not QueueEntry.objects.filter(pk=entry.pk, answer="").update(answer=text):
            raise RepliedBefore
        notify.letter_answered(entry)
        record("letter.answer", actor=user.pk, target_type="queueentry", target=entry.pk)


def call_now(entry: QueueEntry) -> bool:
    """Mail the way to the call to somebody who is called back; False where no address is known, or
    the contact is over.

    Asked for again within a minute it is the same mail.
    """
    if entry.kind != EntryKind.CALLBACK or not entry.email or entry.state not in OPEN_ENTRIES:
        return False
    with transaction.atomic():
        notify.called_back(entry, at=timezone.now())
        record("callback.mail", actor=entry.agent_id, target_type="queueentry", target=entry.pk)
    return True
