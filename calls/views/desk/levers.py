"""What supervisors do about somebody who waits, or about an agent."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from calls.desk.states import CHOICES, IN_LINE, AgentState
from calls.forms.desk import StateForm
from calls.forms.wallboard import AssignForm, MoveForm, SeenForm
from calls.models import QueueEntry, SurveyAnswer
from calls.models.desk_agent import STATES
from calls.permissions import (
    agents_to_supervise_for,
    alerts_for,
    contacts_to_supervise_for,
    get_or_404,
)
from calls.services.desk import agents, alerts, histories, supervising
from calls.services.desk.errors import DeskError
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest


@require_GET
@signed_in_or_404
@never_cache
def wallboard_contact(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What happened to a contact and why, and what can be done about it."""
    return _contact(request, _entry(request, pk, "desk.view"))


@require_POST
@signed_in_or_404
def wallboard_move(request: SignedInRequest, pk: UUID) -> HttpResponse:
    entry = _entry(request, pk, "desk.move")
    form = MoveForm(request.POST, entry=entry)

    def act() -> str:
        queue = form.cleaned_data["queue"]
        supervising.move(entry, to=queue, seen=form.cleaned_data["seen"], by=request.user)
        return _("%(name)s waits in %(queue)s now.") % {"name": entry.name, "queue": queue.name}

    return _done(request, entry, form, act)


@require_POST
@signed_in_or_404
def wallboard_assign(request: SignedInRequest, pk: UUID) -> HttpResponse:
    entry = _entry(request, pk, "desk.assign")
    form = AssignForm(request.POST, entry=entry)

    def act() -> str:
        agent = form.cleaned_data["agent"]
        supervising.assign(entry, agent, seen=form.cleaned_data["seen"], by=request.user)
        names = {"name": entry.name, "agent": agent.display_name}
        return _("%(name)s is kept for %(agent)s for a minute.") % names

    return _done(request, entry, form, act)


@require_POST
@signed_in_or_404
def wallboard_recall(request: SignedInRequest, pk: UUID) -> HttpResponse:
    entry = _entry(request, pk, "desk.recall")
    form = SeenForm(request.POST)

    def act() -> str:
        supervising.recall(entry, seen=form.cleaned_data["seen"], by=request.user)
        return _("%(name)s is back in line.") % {"name": entry.name}

    return _done(request, entry, form, act)


@require_GET
@signed_in_or_404
@never_cache
def wallboard_agent(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What an agent does now and did today, and the states that can be forced."""
    agent = _agent(request, pk, "desk.view_agent")
    context = {
        "agent": agent,
        "desk": agent.desk,
        "talks": histories.talks_of(agent),
        "spans": histories.today_of(agent.desk, request.user.zone),
        "choices": [one for one in STATES if one[0] in CHOICES],
    }
    return render(request, "wallboard/agent.html", context)


@require_POST
@signed_in_or_404
def wallboard_state(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Put an agent into a state; during a talk it holds from the end of it."""
    agent = _agent(request, pk, "desk.force_state")
    form = StateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose a state."))
        return redirect("wallboard_agent", pk=agent.pk)
    desk = agents.choose(agent, AgentState(form.cleaned_data["state"]), by=request.user)
    messages.success(request, _said(desk.state == AgentState.BUSY, agent.display_name))
    return redirect("wallboard_agent", pk=agent.pk)


@require_POST
@signed_in_or_404
def wallboard_acknowledge(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Somebody looks after what an alert says."""
    user = request.user
    alert = get_or_404(alerts_for(user), pk, user=user, action="desk.acknowledge")
    alerts.acknowledge(alert, by=user)
    return redirect("wallboard")


def _said(is_busy: bool, name: str) -> str:
    if is_busy:
        return _("%(name)s talks. Afterwards the new state holds.") % {"name": name}
    return _("The state of %(name)s was changed.") % {"name": name}


def _agent(request: SignedInRequest, pk: UUID, action: str) -> User:
    user = request.user
    return get_or_404(agents_to_supervise_for(user), pk, user=user, action=action)


def _entry(request: SignedInRequest, pk: UUID, action: str) -> QueueEntry:
    user = request.user
    return get_or_404(contacts_to_supervise_for(user), pk, user=user, action=action)


def _done(
    request: SignedInRequest, entry: QueueEntry, form: Form, act: Callable[[], str]
) -> HttpResponse:
    """Back to the wallboard, or the contact's page with what was wrong: 400, 409 if the contact is
    not any more as the page had shown it."""
    if not form.is_valid():
        return _contact(request, entry, _("Please choose from the list."), status=400)
    try:
        messages.success(request, act())
    except DeskError as refused:
        entry.refresh_from_db()
        return _contact(request, entry, str(refused.reason), status=409)
    return redirect("wallboard")


def _contact(
    request: SignedInRequest, entry: QueueEntry, refusal: str = "", *, status: int = 200
) -> HttpResponse:
    context = {
        "entry": entry,
        "refusal": refusal,
        "in_line": entry.state in IN_LINE,
        "move_form": MoveForm(None, entry=entry),
        "assign_form": AssignForm(None, entry=entry),
        "history": histories.history_of(entry),
        "survey": SurveyAnswer.objects.filter(entry=entry).first(),
        "decision": entry.decisions.select_related("agent").first(),
    }
    return render(request, "wallboard/contact.html", context, status=status)
