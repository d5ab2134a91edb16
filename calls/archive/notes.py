"""Small signed documents beside the media: they outlive a database that is restored.

`erased/<recording>.json` says that a recording was erased, `cut/<recording>/<wish>.json` that its
person had something taken out. Whoever may write to the storage alone cannot make one.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer

from calls.archive import store
from calls.models.keeping import document_digest

logger = logging.getLogger(__name__)

ERASED, CUT = "erased", "cut"
# Of files that belong to visits and to no recording (calls/archive/attachments.py).
ATTACHMENTS = "attachments"
FOLDERS = (ERASED, CUT, ATTACHMENTS)
_SIGNERS = {ERASED: Signer(salt="parlour.erasure"), CUT: Signer(salt="parlour.cut")}


def erased_name(recording: UUID) -> str:
    return f"{ERASED}/{recording}.json"


def cut_name(recording: UUID, wish: UUID) -> str:
    return f"{CUT}/{recording}/{wish}.json"


def ensure(name: str, document: Mapping[str, Any]) -> None:
    """Write a note unless one of this house stands there, and read it again. Raises StorageAway.

    An earlier one stands: a database that was restored knows less than it says.
    """
    if read(name) is not None:
        return
    sha256 = document_digest(document)
    kept = {
        "document": document,
        "sha256": sha256,
        "proof": _signer(name).signature(sha256),
    }
    store.write(name, json.dumps(kept, indent=1, sort_keys=True).encode())
    if read(name) != document:
        raise store.StorageAway(f"{name} did not arrive as it was written.")


def read(name: str) -> dict[str, Any] | None:
    """What was written; None if nothing is there, or not what was. Raises StorageAway."""
    signer = _signer(name)
    try:
        kept = json.loads(store.read_bytes(name))
        document = dict(kept["document"])
        signer.unsign(f"{document_digest(document)}{signer.sep}{kept['proof']}")
        is_ours = kept["sha256"] == document_digest(document)
    except FileNotFoundError:
        return None
    except (BadSignature, ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        logger.error("%s in the storage is not ours", name)
        return None
    return document


def of_erased() -> Iterator[UUID]:
    """The recordings that a certificate says were erased. Raises StorageAway."""
    for name in store.list_names(f"{ERASED}/"):
        if (recording := store.as_id(PurePosixPath(name).stem)) is not None:
            yield recording


def of_cuts(recording: UUID | None = None) -> Iterator[tuple[UUID, str]]:
    """Recordings and the names of their notes of cuts, of one or of all. Raises StorageAway."""
    for name in store.list_names(f"{CUT}/{recording}/" if recording else f"{CUT}/"):
        if (found := store.as_id(PurePosixPath(name).parent.name)) is not None:
            yield found, name


def _signer(name: str) -> Signer:
    return _SIGNERS[PurePosixPath(name).parts[0]]
