"""Files that people add to a visit: sealed like recordings, in the same storage.

Each has a data key of its own, wrapped by the deployment's keys; the plaintext is never on a disk.
A file is written before its row and deleted after it, so a row always has its file; what a crash
leaves over is taken away by `tidy`.
"""

import hashlib
import logging
from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.archive import store
from calls.archive.keys import ring
from calls.archive.notes import ATTACHMENTS
from calls.archive.vault import Altered
from calls.models import Appointment, Attachment

logger = logging.getLogger(__name__)

LEFT_OVER_AFTER = timedelta(days=1)
AT_ONCE = 1000


def seal(
    appointment: Appointment, *, by: User, name: str, media_type: str, content: bytes
) -> Attachment:
    """The file sealed and in the storage, and its row, which has still to be saved
    (calls/services/sharing.py): without it the file is nobody's.

    Raises KeyUnavailable without a key, StorageAway.
    """
    pk = uuid4()
    key, wrapped = ring().new_data_key(pk)
    store.write(_name(pk), key.seal(content, context=_context(pk)))
    return Attachment(
        pk=pk,
        appointment=appointment,
        added_by=by,
        name=name,
        media_type=media_type,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        wrapped_key=wrapped,
    )


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


def delete(pk: UUID) -> None:
    """The file of a row that is gone, and with it the key that alone opens it; what cannot be
    deleted now is left to `tidy`."""
    try:
        store.delete(_name(pk))
    except store.StorageAway:
        logger.warning("the file of attachment %s is still to be deleted", pk)


def tidy() -> int:
    """Delete files that no row names and that are a day old, and say which rows have no file;
    returns how many were deleted. Takes a query for each thousand files."""
    old = timezone.now() - LEFT_OVER_AFTER
    files = {pk: file for file in store.list_files(f"{ATTACHMENTS}/") if (pk := _id_of(file.name))}
    ids = list(files)
    known: set[UUID] = set()
    for begin in range(0, len(ids), AT_ONCE):
        some = Attachment.objects.filter(pk__in=ids[begin : begin + AT_ONCE])
        known.update(some.values_list("pk", flat=True))
    left_over = [file for pk, file in files.items() if pk not in known and file.changed_at < old]
    for file in left_over:
        store.delete(file.name)
    rows = Attachment.objects.filter(added_at__lt=old).values_list("pk", flat=True)
    for pk in rows.iterator():
        if pk not in files:
            logger.error("the file of attachment %s is missing", pk)
    return len(left_over)


def _id_of(name: str) -> UUID | None:
    try:
        return UUID(name.rpartition("/")[2])
    except ValueError:
        return None


def _name(pk: UUID) -> str:
    return f"{ATTACHMENTS}/{pk}"


def _context(pk: UUID) -> bytes:
    return f"parlour attachment 1|{pk}".encode()
