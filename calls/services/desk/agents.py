"""What agents at the desk do: what they choose, what follows from their talks, and since when.

The state is never set, it is settled: from what the agent chose, from the contacts that they have
and from whether their browser is there. So whatever is lost on the way is put right by looking
again.
"""

import logging
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.desk.states import CHOICES, AgentState, HandlingState, RingState
from calls.models import AgentSpan, DeskAgent, Handling
from calls.services.desk import ringing, rounds
from calls.services.desk.errors import NotAtTheDesk
from calls.services.desk.loads import in_visits
from calls.services.desk.locking import lock_desks

logger = logging.getLogger(__name__)

# Going from page to page takes less; a web process that died says no goodbye.
GONE_AFTER = timedelta(seconds=8)
UNSEEN_AFTER = timedelta(seconds=20)
MISSES_UNTIL_BREAK = 2


def desk_of(user: User) -> DeskAgent:
    """The agent's place at the desk, made when it is first asked for. Raises NotAtTheDesk."""
    if not user.is_agent:
        raise NotAtTheDesk
    now = timezone.now()
    with transaction.atomic():
        desk, is_new = DeskAgent.objects.get_or_create(
            user=user, defaults={"since": now, "idle_since": now}
        )
        if is_new:
            AgentSpan.objects.create(agent=desk, state=desk.state, starts_at=now)
    return desk


def choose(user: User, wanted: AgentState, *, by: User, reason: str = "") -> DeskAgent:
    """*Available*, *Break* or *Offline*; during a talk it holds from the end of it.

    Whoever goes away declines what rings at their desk; who wants to be available is done with
    their after-call work. Raises NotAtTheDesk, and ValueError for a state that nobody chooses.
    """
    if wanted not in CHOICES:
        raise ValueError(wanted)
    desk_of(user)
    with transaction.atomic():
        desk = locked(user.pk)
        now = timezone.now()
        DeskAgent.objects.filter(pk=desk.pk).update(wanted=wanted, missed=0)
        if wanted == AgentState.AVAILABLE:
            Handling.objects.filter(agent=user, state=HandlingState.WRAPPING_UP).update(
                state=HandlingState.DONE, done_at=now
            )
        if by != user:
            record("desk.force_state", actor=by.pk, target_type="user", target=user.pk, to=wanted)
        if wanted != AgentState.AVAILABLE:
            ringing.stop_at(user.pk, RingState.DECLINED)
        return settle(user.pk, reason=reason or ("" if by == user else "forced"))


def locked(user_id: UUID) -> DeskAgent:
    """The desk of one agent, in the transaction that is open; locked after calls, before entries.

    Raises DeskAgent.DoesNotExist.
    """
    return DeskAgent.objects.select_for_update(of=("self",)).get(user_id=user_id)


def settle(user_id: UUID, *, reason: str = "") -> DeskAgent:
    """Look what the agent does now, and write it down if that is something else than before.

    Runs in a transaction, and asks for a round of routing after it.
    """
    desk = locked(user_id)
    state = _state_of(desk)
    if desk.wanted != AgentState.AVAILABLE or state not in (AgentState.AVAILABLE, AgentState.BUSY):
        # It was not the agent who said no: an ended chat, a closed browser.
        ringing.stop_at(user_id, RingState.WITHDRAWN)
    if state == desk.state:
        rounds.request()
        return desk
    # A clock that is a little behind that of another machine ends nothing before it began.
    open_span = AgentSpan.objects.filter(agent=desk, ends_at__isnull=True)
    begun = open_span.values_list("starts_at", flat=True).first() or desk.since
    now = max(timezone.now(), desk.since, begun)
    open_span.update(ends_at=now)
    AgentSpan.objects.create(agent=desk, state=state, reason=reason, starts_at=now)
    desk.state, desk.since = state, now
    if state == AgentState.AVAILABLE:
        desk.idle_since = now
    desk.save(update_fields=("state", "since", "idle_since"))
    rounds.request()
    return desk


def missed_one(user_id: UUID) -> None:
    """An offer rang at the desk and nobody answered: the second in a row means a break."""
    desk = locked(user_id)
    missed = desk.missed + 1
    if missed >= MISSES_UNTIL_BREAK and desk.wanted == AgentState.AVAILABLE:
        DeskAgent.objects.filter(pk=desk.pk).update(wanted=AgentState.BREAK, missed=0)
        settle(user_id, reason="missed")
    else:
        DeskAgent.objects.filter(pk=desk.pk).update(missed=missed)


# --- Browsers ------------------------------------------------------------------------------------
def open_page(user_id: UUID) -> None:
    """An agent has opened a page of the portal."""
    desk_of(User.objects.get(pk=user_id))
    see([user_id])


def see(user_ids: Collection[UUID]) -> None:
    """A web process has pages of these agents open now."""
    with transaction.atomic():
        lock_desks(user_ids)
        DeskAgent.objects.filter(user__in=user_ids).update(
            seen_at=timezone.now(), is_connected=True
        )


def unsee(user_id: UUID) -> None:
    """The last page of the agent that this process had is closed; another process may have one."""
    DeskAgent.objects.filter(user_id=user_id).update(is_connected=False)


def sign_in(user: User) -> None:
    """Somebody signed in: who has no other page open begins offline."""
    if user.is_agent:
        desk = desk_of(user)
        if not desk.is_connected and desk.wanted != AgentState.OFFLINE:
            _go_offline(desk.user_id, reason="signed_in")


def sweep() -> None:
    """Agents whose browser is gone go offline; who began or ended a booked visit is busy or not."""
    now = timezone.now()
    gone = Q(is_connected=False, seen_at__lt=now - GONE_AFTER) | Q(seen_at__lt=now - UNSEEN_AFTER)
    away = DeskAgent.objects.filter(gone | Q(seen_at__isnull=True)).exclude(
        wanted=AgentState.OFFLINE
    )
    for user_id in list(away.values_list("user_id", flat=True)):
        _go_offline(user_id, reason="browser_closed")
    visiting = in_visits()
    here = DeskAgent.objects.filter(
        state__in=(AgentState.AVAILABLE, AgentState.BREAK, AgentState.AFTER_CALL)
    )
    stale = set(here.filter(user__in=visiting).values_list("user_id", flat=True))
    busy = DeskAgent.objects.filter(state=AgentState.BUSY).exclude(user__in=visiting)
    stale |= set(
        busy.exclude(user__handlings__state=HandlingState.TALKING).values_list("user_id", flat=True)
    )
    for user_id in sorted(stale):
        with transaction.atomic():
            settle(user_id)


def lose_role(user: User) -> None:
    """Who is no agent any more has no place at the desk."""
    if not user.is_agent or not user.is_active:
        _go_offline(user.pk, reason="role")


def _go_offline(user_id: UUID, *, reason: str) -> None:
    with transaction.atomic():
        desk = DeskAgent.objects.select_for_update(of=("self",)).filter(user_id=user_id).first()
        if desk is not None:
            DeskAgent.objects.filter(pk=desk.pk).update(wanted=AgentState.OFFLINE, missed=0)
            settle(user_id, reason=reason)


def _state_of(desk: DeskAgent) -> AgentState:
    open_ones = Handling.objects.filter(agent_id=desk.user_id).exclude(state=HandlingState.DONE)
    states = set(open_ones.values_list("state", flat=True))
    if HandlingState.TALKING in states or in_visits([desk.user_id]):
        return AgentState.BUSY
    if HandlingState.WRAPPING_UP in states and desk.wanted != AgentState.OFFLINE:
        return AgentState.AFTER_CALL
    return AgentState(desk.wanted)
