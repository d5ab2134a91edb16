"""The page that tells what the archive holds, what is due, and whether rows and files agree."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.archive.reconciliations import newest_of_spools
from calls.archive.usage import Usage, usage
from calls.models import Reconciliation

SHOWN = 50
_KINDS = {
    "missing": gettext_lazy("File missing"),
    "awaited": gettext_lazy("In another machine's spool, or lost"),
    "unknown": gettext_lazy("Of no recording"),
    "unlisted": gettext_lazy("Segment without a line"),
    "unreadable": gettext_lazy("Unreadable segment"),
    "leftover": gettext_lazy("Left over"),
    "cut": gettext_lazy("Cut out"),
    "erased": gettext_lazy("Of an erased recording"),
    "restored": gettext_lazy("Restored and erased again"),
}
# Findings that somebody should look into.
_FAULTS = ("missing", "unlisted", "unreadable", "awaited")


def storage(request: HttpRequest) -> HttpResponse:
    told = usage()
    last = Reconciliation.objects.filter(finished_at__isnull=False, machine="").first()
    compared = [*([last] if last else []), *newest_of_spools()]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Storage"),
        "usage": told,
        "recordings": reverse("admin:calls_recording_changelist"),
        "services": [
            {"name": name or _("Without an appointment"), "amount": amount}
            for name, amount in told.by_service.items()
        ],
        "months": _months(told),
        "most_bytes": told.total.size_bytes or 1,
        "last": last,
        "faults": sum(row.counts.get(kind, 0) for row in compared for kind in _FAULTS),
        "findings": [finding for row in compared for finding in _findings(row)],
    }
    return TemplateResponse(request, "admin/storage.html", context)


def _months(told: Usage) -> list[dict[str, Any]]:
    """The newest first; `bar_bytes` are compared with the largest month."""
    most = max((it.size_bytes for it in told.by_month.values()), default=0) or 1
    now = timezone.localdate().replace(day=1)
    return [
        {
            "name": date_format(month, "YEAR_MONTH_FORMAT"),
            "amount": amount,
            "most": most,
            "is_now": month == now,
        }
        for month, amount in reversed(told.by_month.items())
    ]


def _findings(compared: Reconciliation) -> list[dict[str, Any]]:
    """The first of one comparison; `machine` is set for those of a spool."""
    return [
        {
            "kind": _KINDS.get(it["kind"], it["kind"]),
            "machine": compared.machine,
            "name": it["name"] or it["recording"],
            "size_bytes": it["size_bytes"],
            "end": _("deleted") if it["deleted"] else _("held") if it["held"] else "",
        }
        for it in compared.findings[:SHOWN]
    ]
