"""The page of the recorders: who is there, what they do, what failed and may be tried again."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from calls.models import FileJob, RecorderNode, Recording
from calls.services import nodes, retrying
from calls.services.reasons import in_words
from calls.states import JobState, RecordingState

FAILURES_PER_PAGE = 20
_WORKED_ON = (
    RecordingState.QUEUED,
    RecordingState.RECORDING,
    RecordingState.STOPPING,
    RecordingState.FINALISING,
)


@require_safe
def recorders(request: HttpRequest) -> HttpResponse:
    """The whole page; htmx asks every five seconds for what moves in it."""
    there = [_node(row) for row in RecorderNode.objects.all()]
    alive = [each for each in there if each["state"] == "alive"]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Recorders"),
        "nodes": there,
        "alive": len(alive),
        "running": sum(each["row"].running for each in alive),
        "capacity": sum(each["row"].capacity for each in alive),
        "spool_bytes": sum(each["row"].spool_bytes for each in there),
        "spool_files": sum(each["row"].spool_files for each in there),
        "least_free": min((each["row"].disk_free_bytes for each in alive), default=None),
        "leases": [_lease(row) for row in _worked_on()[:100]],
        "jobs": _waiting_jobs()[:20],
        "failures": _failures(request.GET.get("page")),
    }
    part = request.headers.get("HX-Target") == "recorders"
    name = "admin/recorders/_state.html" if part else "admin/recorders/page.html"
    return TemplateResponse(request, name, context)


@require_POST
def try_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a failed recording, or a failed file of one, ready once more."""
    user: Any = request.user
    if retrying.try_again(user, pk):
        messages.success(request, _("It is being prepared once more."))
    else:
        messages.warning(request, _("There is nothing to be tried again."))
    return HttpResponseRedirect(reverse("admin:calls_recorders"))


def _node(row: RecorderNode) -> dict[str, Any]:
    gone = timezone.now() - row.seen_at > nodes.GONE_AFTER
    low = row.disk_free_bytes < settings.RECORDING_MIN_FREE_BYTES
    state = "gone" if gone else "leaving" if row.is_leaving else "alive"
    return {"row": row, "state": state, "is_low": low and not gone}


def _worked_on() -> QuerySet[Recording]:
    rows = Recording.objects.filter(state__in=_WORKED_ON).select_related("call__service")
    return rows.order_by("queued_at", "asked_at")


def _lease(row: Recording) -> dict[str, Any]:
    now = timezone.now()
    is_held = bool(row.lease_owner and row.lease_expires_at and row.lease_expires_at > now)
    return {
        "row": row,
        "service": row.call.service or "",
        "worker": row.lease_owner.partition(":")[0] if is_held else "",
        "is_late": not is_held
        and (row.queued_at is None or now - row.queued_at > nodes.GONE_AFTER),
        "address": reverse("admin:calls_recording_change", args=(row.pk,)),
    }


def _waiting_jobs() -> QuerySet[FileJob]:
    open_jobs = FileJob.objects.filter(state__in=(JobState.WAITING, JobState.WORKING))
    return open_jobs.order_by("asked_at")


def _failures(page: str | None) -> Any:
    """Of the last thirty days, the newest first, with their reasons in words."""
    rows = retrying.failures().select_related("call__service")
    shown: Any = Paginator(rows, FAILURES_PER_PAGE).get_page(page)
    shown.object_list = [
        {
            "row": row,
            "service": row.call.service or "",
            "reason": in_words(retrying.reason(row)),
            "may_retry": retrying.may_retry(row),
            "address": reverse("admin:calls_recording_change", args=(row.pk,)),
        }
        for row in shown.object_list
    ]
    return shown
