"""The files of a recording, decrypted while they are sent."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from audit.log import record
from audit.models import AuditEntry
from calls.archive.playback import ByteRange, RangeNotSatisfiable, parse_range, read_artifact
from calls.archive.store import StorageAway
from calls.archive.vault import KeyUnavailable, VaultError
from calls.models import Artifact, Recording
from calls.permissions import get_or_404, recordings_for
from calls.services import media_links, purposes
from calls.states import RecordingState

logger = logging.getLogger(__name__)

RETRY_AFTER_SECS = 30


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent: `read` opens it, raises what is wrong, and gives its bytes or a part."""

    content_type: str
    whole_bytes: int
    etag: str
    read: Callable[[ByteRange | None], Iterator[bytes]]


@require_safe
def recording_media(request: HttpRequest, pk: UUID, artifact: UUID) -> HttpResponseBase:
    """One file, or the range of it that the browser asks for.

    403 without a good link of this session; 404 for what the person may not see.
    """
    found = _authorised(request, pk, artifact)
    return send(
        request,
        Content(
            content_type=found.content_type,
            whole_bytes=found.size_bytes,
            etag=f'"{found.sha256[:32]}"',
            read=lambda part: read_artifact(found, part),
        ),
    )


def send(request: HttpRequest, content: Content) -> HttpResponseBase:
    """200, 206 or 416; 503 while key or storage are away; 404 for what is gone or altered."""
    wanted = request.headers.get("Range")
    if request.headers.get("If-Range", content.etag) != content.etag:
        wanted = None
    try:
        part = parse_range(wanted, whole_bytes=content.whole_bytes)
        response = _response(request, content, part)
    except RangeNotSatisfiable:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{content.whole_bytes}"
    except (KeyUnavailable, StorageAway) as fault:
        return away(fault)
    except (VaultError, OSError) as fault:
        logger.exception("a file of a recording cannot be opened")
        raise Http404 from fault
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = content.etag
    # Decrypted content stays in the browser's memory, and no proxy keeps it.
    response["Cache-Control"] = "private, no-store"
    return response


def away(fault: Exception) -> HttpResponse:
    """503 with a sentence: what is kept is safe, and the same may be asked again."""
    logger.error("a recording cannot be read now: %s", fault)
    text = _("The storage of the recordings does not answer. Nothing is lost; try again later.")
    if isinstance(fault, KeyUnavailable):
        text = _("The key of the recordings is not available. Nothing is lost; try again later.")
    response = HttpResponse(text, status=503, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = str(RETRY_AFTER_SECS)
    response["Cache-Control"] = "no-store"
    return response


def _response(request: HttpRequest, content: Content, part: ByteRange | None) -> HttpResponseBase:
    """The whole file or a part of it; to HEAD only what it would be. Raises as Content.read."""
    status = 206 if part else 200
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(status=status, content_type=content.content_type)
    else:
        chunks = in_threads(content.read(part))
        response = StreamingHttpResponse(chunks, status=status, content_type=content.content_type)
    response["Content-Length"] = str(part.size_bytes if part else content.whole_bytes)
    if part:
        response["Content-Range"] = part.content_range
    return response


def _authorised(request: HttpRequest, pk: UUID, artifact: UUID) -> Artifact:
    """The file, for a person who may play it through a link that is good in this session."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    recording = get_or_404(recordings_for(user), pk, user=user, action="recording.play")
    proof = request.GET.get("proof", "")
    purpose = purposes.given(request.session, recording.pk)
    try:
        media_links.check(
            artifact,
            session_key=request.session.session_key,
            until=request.GET.get("until", ""),
            proof=proof,
        )
        _require_purpose(user, recording, purpose)
    except (media_links.BadLink, purposes.PurposeNeeded) as fault:
        record(
            "recording.play",
            actor=user.pk,
            target_type="artifact",
            target=artifact,
            allowed=False,
        )
        raise PermissionDenied from fault
    # While something is taken out of it, nothing of it is played, by an old link neither.
    ready = Artifact.objects.filter(recording=recording, recording__state=RecordingState.READY)
    files = ready.select_related("recording")
    found = get_or_404(files, artifact, user=user, action="recording.play")
    if found.kind != "poster":
        _audit_first_use(user, found, proof, purpose)
    return found


def _require_purpose(user: User, recording: Recording, purpose: str) -> None:
    if not purpose and purposes.is_outsider(user, recording):
        raise purposes.PurposeNeeded


def _audit_first_use(user: User, artifact: Artifact, proof: str, purpose: str) -> None:
    """One entry a link: a browser that plays a file asks for many ranges of it."""
    link = sha256(proof.encode()).hexdigest()[:16]
    known = AuditEntry.objects.filter(
        action="recording.play", target=str(artifact.pk), actor=str(user.pk), data__link=link
    )
    if not known.exists():
        record(
            "recording.play",
            actor=user.pk,
            target_type="artifact",
            target=artifact.pk,
            link=link,
            purpose=purpose,
        )


async def in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same chunks, each read and decrypted in a thread, so that a slow disk blocks nobody."""
    following = sync_to_async(lambda: next(chunks, b""), thread_sensitive=False)
    try:
        while chunk := await following():
            yield chunk
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
