"""Reports: the figures of the desk over some days, as tables, charts and files."""

from typing import Any

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import Role
from audit.log import record
from calls.forms.reports import ExportQuery, ReportQuery
from calls.models import Queue
from calls.permissions import agents_to_report_for, get_or_404, may_supervise
from calls.services.desk.figures.bars import Bars, side_by_side, stacked
from calls.services.desk.figures.report import Asked, Report, report
from calls.services.desk.figures.sheet import sheet
from calls.views.desk.report_tables import tables
from calls.views.request import SignedInRequest

MOST_LABELS = 7


@require_GET
@login_required
@never_cache
def reports(request: SignedInRequest) -> HttpResponse:
    """Agents read their own figures; 400 for a range or a queue that is none."""
    user = request.user
    form, asked = _asked(request)
    shown = report(asked)
    found = tables(shown)
    context = {
        "form": form,
        "asked": asked,
        "report": shown,
        "days": _days_chart(shown),
        "hours": side_by_side((shown.hours,), ["0", "6", "12", "18", "24"]),
        "tables": found,
        "zone": user.time_zone,
        "sees_all": may_supervise(user),
        "queues": Queue.objects.order_by("name"),
        "agents": agents_to_report_for(user).filter(is_active=True),
    }
    return render(request, "reports/reports.html", context, status=200 if form.is_valid() else 400)


@require_GET
@login_required
@never_cache
def reports_export(request: SignedInRequest) -> HttpResponse:
    """One table as a CSV file; audited, and 429 for who asks too often."""
    form, asked = _asked(request)
    wanted = ExportQuery(request.GET)
    table = tables(report(asked)).get(wanted["table"].data or "") if form.is_valid() else None
    if not wanted.is_valid() or table is None:
        return HttpResponse(_("There is no such table."), status=400, content_type="text/plain")
    refusal: HttpResponse | None = ratelimit.consume_or_429(
        request, action="desk_export", limit_get=True
    )
    if refusal is not None:
        return refusal
    _audit(request, table.name, asked)
    answer = HttpResponse(sheet(table.heads, table.numbers), content_type="text/csv; charset=utf-8")
    name = f"{table.name}-{asked.first}-{asked.last}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _audit(request: SignedInRequest, table: str, asked: Asked) -> None:
    record(
        "desk.export",
        actor=request.user.pk,
        target_type="report",
        target=table,
        first=asked.first.isoformat(),
        last=asked.last.isoformat(),
        queue=str(asked.queue or ""),
        agent=str(asked.agent or ""),
    )


def _asked(request: SignedInRequest) -> tuple[ReportQuery, Asked]:
    """What the address asks for and this person may read; 404 for another agent's figures."""
    user = request.user
    if user.role in (Role.PATIENT, Role.GUEST):
        raise PermissionDenied
    form = ReportQuery(request.GET, today=timezone.localdate(timezone=user.zone))
    asked = form.asked
    agent = asked["agent"]
    if agent is not None:
        get_or_404(agents_to_report_for(user), agent, user=user, action="desk.report")
    elif not may_supervise(user):
        agent = user.pk
    return form, Asked(asked["first"], asked["last"], user.zone, asked["queue"], agent)


def _days_chart(shown: Report) -> Bars:
    flows = [day.flow for day in shown.days]
    series: tuple[Any, ...] = (
        [flow.in_target for flow in flows],
        [flow.answered - flow.in_target for flow in flows],
        [flow.abandoned for flow in flows],
    )
    step = -(-len(shown.days) // MOST_LABELS)
    labels = [date_format(day.date, _("j M")) for day in shown.days[::step]]
    return stacked(series, labels, colours=(2, 1, 3))
