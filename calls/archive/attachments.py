"""Files that people add to a visit: sealed like recordings, in the same storage.

Each has a data key of its own, wrapped by the deployment's keys; the plaintext is never on a disk.
A file is written before its row and deleted after it, so a row always has its file; what a crash
leaves over is taken away by `tidy`.
"""

import hashlib
import logging
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.archive import store
from calls.archive.keys import ring
from calls.archive.notes import ATTACHMENTS
from calls.archive.vault import Altered
from calls.models import Appointment, Attachment

logger = logging.getLogger(__name__)

MOST_OF_A_VISIT = 30
LEFT_OVER_AFTER = timedelta(days=1)


class TooManyFiles(Exception):
    """The visit has as many files as it may have."""


def add(
    appointment: Appointment, *, by: User, name: str, media_type: str, content: bytes
) -> Attachment:
    """Seal and keep a file. Raises TooManyFiles, KeyUnavailable without a key, StorageAway."""
    if Attachment.objects.filter(appointment=appointment).count() >= MOST_OF_A_VISIT:
        raise TooManyFiles
    pk = uuid4()
    key, wrapped = ring().new_data_key(pk)
    store.write(_name(pk), key.seal(content, context=_context(pk)))
    with transaction.atomic():
        kept = Attachment.objects.create(
            pk=pk,
            appointment=appointment,
            added_by=by,
            name=name,
            media_type=media_type,
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            wrapped_key=wrapped,
        )
        record("attachment.add", actor=by.pk, target_type="attachment", target=pk)
    return kept


def read(attachment: Attachment, *, by: User) -> bytes:
    """The content, the reading audited.

    Raises KeyUnavailable, Altered, FileNotFoundError or StorageAway.
    """
    key = ring().open_data_key(bytes(attachment.wrapped_key), attachment.pk)
    content = key.open(store.read_bytes(_name(attachment.pk)), context=_context(attachment.pk))
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise Altered("The file is not the one that was added.")
    record("attachment.read", actor=by.pk, target_type="attachment", target=attachment.pk)
    return content


def remove(attachment: Attachment, *, by: User) -> None:
    """The row goes with the key that alone opens the file; the file after it, now or by `tidy`."""
    pk = attachment.pk
    with transaction.atomic():
        attachment.delete()
        record("attachment.remove", actor=by.pk, target_type="attachment", target=pk)
        transaction.on_commit(lambda: _delete(pk))


def tidy() -> int:
    """Delete files that no row names and that are a day old; returns how many."""
    old = timezone.now() - LEFT_OVER_AFTER
    count = 0
    for file in store.list_files(f"{ATTACHMENTS}/"):
        try:
            pk = UUID(file.name.rpartition("/")[2])
        except ValueError:
            continue
        if file.changed_at < old and not Attachment.objects.filter(pk=pk).exists():
            store.delete(file.name)
            count += 1
    return count


def _delete(pk: UUID) -> None:
    try:
        store.delete(_name(pk))
    except store.StorageAway:
        logger.warning("the file of attachment %s is still to be deleted", pk)


def _name(pk: UUID) -> str:
    return f"{ATTACHMENTS}/{pk}"


def _context(pk: UUID) -> bytes:
    return f"parlour attachment 1|{pk}".encode()
