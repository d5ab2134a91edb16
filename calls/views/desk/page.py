"""The desk's page: what is in hand, who waits, and the visits of today."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.views import back
from calls.desk.states import IN_LINE, AgentState
from calls.forms.desk import StateForm
from calls.models import Queue, QueueEntry
from calls.permissions import entries_for
from calls.services import agenda
from calls.services.desk import agents, finishing, offers
from calls.services.desk.line import places
from calls.views.desk.access import agents_only
from calls.views.desk.standing import badges
from calls.views.request import SignedInRequest

MOST_IN_LINE = 200
MOST_TODAY = 100


@require_GET
@agents_only
def desk(request: SignedInRequest) -> HttpResponse:
    user = request.user
    context = {
        "now": timezone.now(),
        "desk": agents.desk_of(user),
        "ringing": offers.ringing_for(user),
        "today": agenda.of_day(user, user.zone)[:MOST_TODAY],
        "has_queues": Queue.objects.filter(agents=user, is_active=True).exists(),
        **line_context(request),
    }
    return render(request, "desk/desk.html", context)


@require_GET
@agents_only
def desk_line(request: SignedInRequest) -> HttpResponse:
    """What is in hand and who waits, as the page asks for it when either has changed."""
    return render(request, "desk/line.html", line_context(request))


@require_POST
@agents_only
def desk_state(request: SignedInRequest) -> HttpResponse:
    """The agent chooses a state; 204 for a script, back to the page for a form."""
    form = StateForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_("That is not a state."), status=400, content_type="text/plain")
    agents.choose(request.user, AgentState(form.cleaned_data["state"]), by=request.user)
    if request.headers.get("accept") == "application/json":
        return HttpResponse(status=204)
    messages.success(request, _("Your state has changed."))
    return back(request)


def line_context(request: SignedInRequest) -> dict[str, object]:
    """`in_hand`: the agent's open parts in contacts; `line`: who waits in the agent's queues."""
    user = request.user
    mine = Queue.objects.filter(agents=user, is_active=True)
    waiting = entries_for(user).filter(queue__in=mine, state__in=IN_LINE)
    stands = places()
    found = waiting.select_related("queue", "reserved_for")[:MOST_IN_LINE]
    rows = sorted(found, key=lambda one: _order(one, stands))
    badge = badges(rows, reader=user, now=timezone.now()) if rows else {}
    return {"in_hand": finishing.in_hand(user), "line": [(one, badge[one.pk]) for one in rows]}


def _order(entry: QueueEntry, stands: dict) -> tuple:  # type: ignore[type-arg]
    place = stands.get(entry.pk)
    return (entry.queue.name, place.number if place else 10**6, entry.arrived_at)


def refused(request: SignedInRequest, detail: str) -> HttpResponse:
    """What was asked for is not possible any more: 409, said on the desk for a form."""
    if request.headers.get("accept") == "application/json":
        return HttpResponse(detail, status=409, content_type="text/plain; charset=utf-8")
    messages.warning(request, detail)
    return redirect("desk")
