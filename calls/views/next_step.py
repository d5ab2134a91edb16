"""The suggested next step in words, and putting it aside."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Role, User
from accounts.views import back
from calls.models import Appointment, Handling, Queue
from calls.services.desk.fronts import Front
from calls.services.next_step import NextStep, next_step_of, put_aside
from calls.views.intervals import day, every
from calls.views.request import SignedInRequest


@dataclass(frozen=True)
class ShownStep:
    """One card. `reason` is the fact that it is made of; `address` is where the person goes on."""

    icon: str
    title: str
    reason: str
    action: str
    address: str
    leads_to_queue: bool = False


@require_POST
@login_required
def next_step_not_now(request: SignedInRequest) -> HttpResponse:
    """No card for the next thirty days; patients only."""
    if request.user.role != Role.PATIENT:
        raise PermissionDenied
    put_aside(request.user)
    messages.success(request, _("Put aside for 30 days."))
    return back(request)


def shown_step(
    request: HttpRequest, *, fronts: Sequence[Front] | None = None, may_talk: bool = True
) -> ShownStep | None:
    """The card for whoever reads the page; None for most."""
    user = request.user
    if not isinstance(user, User):
        return None
    found = next_step_of(user, fronts=fronts, may_talk=may_talk)
    if found is None:
        return None
    return due_step(found, user) if found.rhythm else known_step(found, user)


def due_step(found: NextStep, reader: User) -> ShownStep:
    assert found.rhythm
    assert isinstance(found.last, Appointment)
    return ShownStep(
        icon="clock",
        title=_("It is time for: %(service)s") % {"service": found.last.service},
        reason=_("So far %(every)s, last on %(day)s.")
        % {"every": every(found.rhythm.days), "day": day(found.rhythm.last, reader.zone)},
        action=_("Choose a time"),
        address=booking_of(found),
    )


def known_step(found: NextStep, reader: User) -> ShownStep:
    title = _("%(agent)s knows your case") % {"agent": found.last.agent}
    if found.queue and isinstance(found.last, Handling):
        return _spoken_step(title, found.last, found.queue, reader)
    assert isinstance(found.last, Appointment)
    facts = {"day": day(found.last.starts_at, reader.zone)}
    if found.queue:
        return ShownStep(
            icon="chat",
            title=title,
            reason=_("Because of your visit on %(day)s; at the desk now: %(queue)s.")
            % {**facts, "queue": found.queue.name},
            action=_("Talk now"),
            address=reverse("talk", args=[found.queue.slug]),
            leads_to_queue=True,
        )
    return ShownStep(
        icon="calendar-add",
        title=title,
        reason=_("Because of your visit on %(day)s.") % facts,
        action=_("Choose a time"),
        address=booking_of(found),
    )


def _spoken_step(title: str, talk: Handling, queue: Queue, reader: User) -> ShownStep:
    assert talk.talked_until
    return ShownStep(
        icon="chat",
        title=title,
        reason=_("Because you spoke on %(day)s; at the desk now: %(queue)s.")
        % {"day": day(talk.talked_until, reader.zone), "queue": queue.name},
        action=_("Talk now"),
        address=reverse("talk", args=[queue.slug]),
        leads_to_queue=True,
    )


def booking_of(found: NextStep) -> str:
    """The times of the agent; with nobody to be preferred the choice of a person."""
    assert isinstance(found.last, Appointment)
    service = found.last.service_id
    if found.agent is None:
        return reverse("book_person", args=[service])
    return f"{reverse('book_time', args=[service])}?agent={found.agent.pk}"
