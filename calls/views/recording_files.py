"""Copies of a recording: files of everybody on request, downloads and the whole as an archive.

Each copy is asked for by POST with its purpose, which is audited; the answer leads to a link of
this session by which the copy, with its mark, may be fetched, also in parts.
"""

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from audit.log import record
from audit.models import AuditEntry
from calls.archive.export import Export, export, file_name
from calls.archive.store import StorageAway
from calls.archive.vault import KeyUnavailable, VaultError
from calls.archive.watermark import mark_for, mark_text, marked_bytes, read_marked
from calls.models import Artifact, Recording
from calls.permissions import get_or_404, recordings_for
from calls.services import file_jobs, media_links, purposes
from calls.services.copies import copies
from calls.states import RecordingState
from calls.views.access import signed_in_or_404
from calls.views.recording_media import Content, away, in_threads, send
from calls.views.request import SignedInRequest

DOWNLOAD, EXPORT = "recording.download", "recording.export"
EXPORTED = "recording.exported"


@require_POST
@signed_in_or_404
def recording_purpose(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What they open it for, asked once a session of who was not in the visit."""
    found = get_or_404(recordings_for(request.user), pk, user=request.user, action="recording.view")
    purpose = purposes.cleaned(request.POST.get("purpose", ""))
    if purpose:
        purposes.keep(request.session, found.pk, purpose)
    else:
        messages.error(request, _("Please say what you need the recording for."))
    return redirect("recording", pk=found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
@never_cache
def recording_files(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The files that can be had, as a part of the page; POST asks for one of everybody."""
    found = _playable(request.user, pk, action="recording.view")
    if request.method == "POST":
        try:
            with transaction.atomic():
                job = file_jobs.ask(request.user, found, request.POST.get("kind", ""))
                record(
                    "recording.file",
                    actor=request.user.pk,
                    target_type="recording",
                    target=found.pk,
                    kind=job.kind,
                )
        except file_jobs.NotReady as fault:
            raise Http404 from fault
    if request.method == "POST" and not request.headers.get("HX-Request"):
        return redirect(f"{reverse('recording', args=(found.pk,))}#files")
    context = {"recording": found, "copies": copies(found), **asking(request, found)}
    return render(request, "recordings/_files.html", context)


def asking(request: HttpRequest, found: Recording) -> dict[str, object]:
    """Whether a purpose has to be named, and the one that was."""
    user = request.user
    return {
        "purpose_needed": isinstance(user, User) and purposes.is_outsider(user, found),
        "purpose": purposes.given(request.session, found.pk),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
def recording_download(request: SignedInRequest, pk: UUID, artifact: UUID) -> HttpResponseBase:
    """A marked copy of one file; 403 for a link that is not this session's."""
    recording = _playable(request.user, pk, action=DOWNLOAD)
    files = Artifact.objects.filter(recording=recording).exclude(kind="poster")
    rows = files.select_related("recording", "participant")
    found = get_or_404(rows, artifact, user=request.user, action=DOWNLOAD)
    if request.method == "POST":
        return _grant(request, recording, found.pk, DOWNLOAD)
    entry = _granted(request, found.pk, DOWNLOAD)
    mark = mark_for(found, _mark(request.user, recording, entry))
    content = Content(
        content_type=found.content_type,
        whole_bytes=marked_bytes(found, mark),
        etag=f'"{found.sha256[:24]}-{entry.pk}"',
        read=lambda part: read_marked(found, mark, part),
    )
    response = send(request, content)
    if response.status_code in (200, 206):
        response["Content-Disposition"] = f'attachment; filename="{file_name(found)}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
def recording_export(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """Everything of a recording as a ZIP that can be verified."""
    found = _playable(request.user, pk, action=EXPORT)
    if request.method == "POST":
        return _grant(request, found, found.pk, EXPORT)
    entry = _granted(request, found.pk, EXPORT)
    try:
        packed = export(found, mark=_mark(request.user, found, entry), reader=request.user)
    except (KeyUnavailable, StorageAway) as fault:
        return away(fault)
    except (VaultError, OSError) as fault:
        raise Http404 from fault
    chunks = in_threads(_told_at_its_end(packed, found, entry))
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    response["Content-Length"] = str(packed.size_bytes)
    name = f"recording-{found.started_at:%Y-%m-%d-%H%M}-{str(found.pk)[:8]}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _told_at_its_end(packed: Export, found: Recording, entry: AuditEntry) -> Iterator[bytes]:
    """The archive; before its last piece the audit log says what it was, to be compared with."""
    held = b""
    for chunk in packed.chunks:
        if held:
            yield held
        held = chunk
    record(
        EXPORTED,
        actor=entry.actor,
        target_type="recording",
        target=found.pk,
        grant=entry.pk,
        sums=packed.sums(),
    )
    yield held


def _playable(user: User, pk: UUID, *, action: str) -> Recording:
    """A recording whose files are made and not erased, if the person may play it."""
    found = get_or_404(recordings_for(user), pk, user=user, action=action)
    if found.state != RecordingState.READY:
        raise Http404
    return found


def _grant(request: SignedInRequest, of: Recording, target: UUID, action: str) -> HttpResponse:
    """Audit that a copy is taken and what for; lead to the link that gives it."""
    user = request.user
    try:
        purpose = purposes.required(user, of, request.POST.get("purpose", ""))
    except purposes.PurposeNeeded:
        record(action, actor=user.pk, target_type="recording", target=target, allowed=False)
        messages.error(request, _("Please say what you need the recording for."))
        return redirect(f"{reverse('recording', args=(of.pk,))}#files")
    kind = "recording" if target == of.pk else "artifact"
    entry = record(action, actor=user.pk, target_type=kind, target=target, purpose=purpose)
    query = media_links.sign(target, session_key=request.session.session_key, grant=entry.pk)
    answer = redirect(f"{request.path}?{query}")
    answer.status_code = 303
    return answer


def _granted(request: SignedInRequest, target: UUID, action: str) -> AuditEntry:
    """The audit entry that the link was made for; raises PermissionDenied."""
    number = request.GET.get("grant", "")
    try:
        grant = int(number) if media_links.is_number(number) else -1
        media_links.check(
            target,
            session_key=request.session.session_key,
            until=request.GET.get("until", ""),
            proof=request.GET.get("proof", ""),
            grant=grant,
        )
        return AuditEntry.objects.get(
            pk=grant, action=action, actor=str(request.user.pk), target=str(target), allowed=True
        )
    except (media_links.BadLink, AuditEntry.DoesNotExist) as fault:
        record(
            action,
            actor=request.user.pk,
            target_type="recording",
            target=target,
            allowed=False,
        )
        raise PermissionDenied from fault


def _mark(user: User, recording: Recording, entry: AuditEntry) -> str:
    name = user.display_name or user.email
    return mark_text(
        recording=recording.pk, name=name, account=user.pk, at=entry.at, grant=entry.pk
    )
