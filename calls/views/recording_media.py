"""The files of a recording, decrypted while they are sent."""

import logging
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.models import User
from audit.log import record
from audit.models import AuditEntry
from calls.archive.playback import ByteRange, RangeNotSatisfiable, parse_range, read_artifact
from calls.archive.vault import VaultError
from calls.models import Artifact
from calls.permissions import get_or_404, recordings_for
from calls.services import media_links

logger = logging.getLogger(__name__)


@require_safe
def recording_media(request: HttpRequest, pk: UUID, artifact: UUID) -> HttpResponseBase:
    """One file, or the range of it that the browser asks for.

    403 without a good link of this session; 404 for what the person may not see.
    """
    found = _authorised(request, pk, artifact)
    etag = f'"{found.sha256[:32]}"'
    wanted = request.headers.get("Range")
    if request.headers.get("If-Range", etag) != etag:
        wanted = None
    try:
        part = parse_range(wanted, whole_bytes=found.size_bytes)
        response = _response(request, found, part)
    except RangeNotSatisfiable:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{found.size_bytes}"
    except (VaultError, OSError) as fault:
        logger.exception("artifact %s cannot be opened", found.pk)
        raise Http404 from fault
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    # Decrypted content stays in the browser's memory, and no proxy keeps it.
    response["Cache-Control"] = "private, no-store"
    return response


def _response(request: HttpRequest, found: Artifact, part: ByteRange | None) -> HttpResponseBase:
    """The whole file or a part of it; to HEAD only what it would be. Raises as read_artifact."""
    status = 206 if part else 200
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(status=status, content_type=found.content_type)
    else:
        chunks = _in_threads(read_artifact(found, part))
        response = StreamingHttpResponse(chunks, status=status, content_type=found.content_type)
    response["Content-Length"] = str(part.size_bytes if part else found.size_bytes)
    if part:
        response["Content-Range"] = part.content_range
    return response


def _authorised(request: HttpRequest, pk: UUID, artifact: UUID) -> Artifact:
    """The file, for a person who may play it through a link that is good in this session."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    recording = get_or_404(recordings_for(user), pk, user=user, action="recording.play")
    until, proof = request.GET.get("until", ""), request.GET.get("proof", "")
    try:
        media_links.check(
            artifact, session_key=request.session.session_key, until=until, proof=proof
        )
    except media_links.BadLink as fault:
        record(
            "recording.play",
            actor=user.pk,
            target_type="artifact",
            target=artifact,
            allowed=False,
        )
        raise PermissionDenied from fault
    files = Artifact.objects.filter(recording=recording).select_related("recording")
    found = get_or_404(files, artifact, user=user, action="recording.play")
    if found.kind == "media":
        _audit_first_use(user, found, proof)
    return found


def _audit_first_use(user: User, artifact: Artifact, proof: str) -> None:
    """One entry a link: a browser that plays a file asks for many ranges of it."""
    link = sha256(proof.encode()).hexdigest()[:16]
    known = AuditEntry.objects.filter(
        action="recording.play", target=str(artifact.pk), actor=str(user.pk), data__link=link
    )
    if not known.exists():
        record(
            "recording.play", actor=user.pk, target_type="artifact", target=artifact.pk, link=link
        )


async def _in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same chunks, each read and decrypted in a thread, so that a slow disk blocks nobody."""
    following = sync_to_async(lambda: next(chunks, b""), thread_sensitive=False)
    try:
        while chunk := await following():
            yield chunk
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
