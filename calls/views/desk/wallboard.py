"""The wallboard: the whole desk on one page that keeps itself up to date."""

import zlib
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from calls.desk.states import AgentState
from calls.forms.wallboard import WallboardQuery
from calls.models import Alert, Queue
from calls.models.desk_agent import STATES
from calls.permissions import may_supervise
from calls.services.desk.alert_words import in_words, whom
from calls.services.desk.alerts import open_alerts
from calls.services.desk.figures.bars import Bars, side_by_side
from calls.services.desk.wallboard import Board, Choice, board
from calls.views.request import SignedInRequest

# More rows than this are only counted.
MOST_ROWS = 100
LABELS = 5
MEANINGS = [
    (
        _("Service level today"),
        _(
            "Of those who were answered, gave up after the target, or wait beyond it now: how many "
            "were answered within the target. Who gave up sooner does not count."
        ),
    ),
    (
        _("Answered"),
        _("Of the people who came today to talk at once: how many have been answered."),
    ),
    (
        _("Abandoned"),
        _(
            "Who gave up after more than 10 seconds, before anybody answered, of those who came "
            "today. Who went sooner is left out."
        ),
    ),
]


@require_GET
@login_required
@never_cache
def wallboard(request: SignedInRequest) -> HttpResponse:
    """400 for a filter that is none. Takes a constant number of queries, eight at most."""
    context = _context(request)
    status = 200 if context["is_valid"] else 400
    return render(request, "wallboard/wallboard.html", context, status=status)


@require_GET
@login_required
@never_cache
def wallboard_live(request: SignedInRequest) -> HttpResponse:
    """The part of the page that changes, as it asks for it whenever it is told to."""
    context = _context(request)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)  # htmx then leaves the page as it is
    return render(request, "wallboard/live.html", context)


def _context(request: SignedInRequest) -> dict[str, object]:
    """`seen` changes when the page would look different."""
    if not may_supervise(request.user):
        raise PermissionDenied
    form = WallboardQuery(request.GET)
    is_valid = form.is_valid()
    queue: Queue | None = form.cleaned_data.get("queue")
    choice = Choice(
        queue=queue.pk if queue else None,
        agent=form.cleaned_data.get("agent"),
        state=form.cleaned_data.get("state") or "",
    )
    zone = request.user.zone
    shown = board(zone, choice)
    raised = [_alert(one) for one in open_alerts()]
    looks = repr((shown, raised))
    return {
        "is_valid": is_valid,
        "form": form,
        "choice": choice,
        "board": shown,
        "alerts": raised,
        "chart": _chart(shown, zone),
        "rows": _half_hours(shown, zone),
        "states": _states(shown),
        "most_rows": MOST_ROWS,
        "meanings": MEANINGS,
        "now": timezone.now(),
        "zone": request.user.time_zone,
        "seen": f"{zlib.crc32(looks.encode()):08x}",
    }


def _alert(one: Alert) -> dict[str, object]:
    """`entry`: the contact in which a risk word was written, None for one of a booked visit."""
    entry = getattr(one.call, "entry", None)
    return {
        "pk": one.pk,
        "words": in_words(one.kind, threshold=one.threshold, value=one.value),
        "whom": whom(one),
        "at": one.raised_at,
        "entry": entry and entry.pk,
        "agent": one.agent_id,
        "queue": one.queue_id,
        "seen_by": one.acknowledged_by.display_name if one.acknowledged_by else "",
    }


def _states(shown: Board) -> list[dict[str, object]]:
    """How many agents are in each state, to be chosen from."""
    return [
        {"state": state.value, "words": words, "count": shown.states[AgentState(state)]}
        for state, words in STATES
    ]


def _chart(shown: Board, zone: ZoneInfo) -> Bars:
    last = len(shown.edges) - 1
    labels = [
        f"{datetime.fromtimestamp(shown.edges[last * number // (LABELS - 1)], zone):%H:%M}"
        for number in range(LABELS)
    ]
    return side_by_side((shown.came, shown.answered), labels)


def _half_hours(shown: Board, zone: ZoneInfo) -> list[tuple[datetime, int, int]]:
    """The chart as a table: the half hours in which something happened."""
    starts = (datetime.fromtimestamp(edge, zone) for edge in shown.edges)
    rows = zip(starts, shown.came, shown.answered, strict=False)
    return [row for row in rows if row[1] or row[2]]
