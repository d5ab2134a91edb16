"""A third person in a visit, by a link: invited, let in like everybody, sent away.

The link works in one browser at a time. Opened in another it brings a new guest, who has to be
admitted anew, and the one before is sent away: who got hold of the link slips in nowhere.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Role, User
from accounts.preferences import known_language
from audit.log import record
from calls.desk.states import HandlingState
from calls.models import (
    Appointment,
    CallSession,
    GuestKind,
    Handling,
    Invitation,
    Participant,
    ParticipantRole,
    QueueEntry,
)
from calls.models.service import MOST_PEOPLE
from calls.services import lifecycle
from calls.services.errors import CallError, WrongState
from calls.services.scheduling.errors import NoPlaceForGuests
from calls.states import AppointmentState, CallState, ParticipantState

TOKEN_BYTES = 24
# How long a guest may still look at the page of a visit that ended.
KEPT_AFTER = timedelta(hours=1)


class TooMany(CallError):
    """A visit holds four people (docs/architecture.md)."""


class InvitedBefore(CallError):
    """The same form was sent twice."""


@transaction.atomic
def invite(
    appointment: Appointment,
    *,
    by: User,
    name: str,
    kind: GuestKind,
    email: str = "",
    once: UUID | None = None,
) -> tuple[Invitation, str]:
    """The invitation to a visit, with the id `once`, and the token of its link, told once and not
    kept.

    Raises WrongState if the visit is over or was called off, TooMany if no place is left,
    InvitedBefore if there is an invitation with that id.
    """
    call = CallSession.objects.select_for_update().get(pk=appointment.call_id)
    booked = Appointment.objects.filter(pk=appointment.pk, call=call, state=AppointmentState.BOOKED)
    if call.state == CallState.ENDED or not booked.exists():
        raise WrongState("The visit is over, or was called off or moved.")
    return _make(call, by=by, name=name, kind=kind, email=email, once=once)


@transaction.atomic
def invite_to_conversation(
    entry: QueueEntry,
    *,
    by: User,
    name: str,
    kind: GuestKind,
    email: str = "",
    once: UUID | None = None,
) -> tuple[Invitation, str]:
    """As `invite`, to a conversation that came from a queue. Raises WrongState if `by` does not
    speak with the person now."""
    call = CallSession.objects.select_for_update().get(pk=entry.call_id)
    talks = Handling.objects.filter(entry=entry, agent=by, state=HandlingState.TALKING)
    if call.state == CallState.ENDED or not talks.exists():
        raise WrongState("The conversation is over, or with somebody else.")
    return _make(call, by=by, name=name, kind=kind, email=email, once=once)


def _make(
    call: CallSession, *, by: User, name: str, kind: GuestKind, email: str, once: UUID | None
) -> tuple[Invitation, str]:
    """The invitation to a call that is locked."""
    if once and Invitation.objects.filter(pk=once).exists():
        raise InvitedBefore("This form was sent before.")
    if 1 + call.capacity + len(standing(call)) >= MOST_PEOPLE:
        raise TooMany("No more people can take part in this visit.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        id=once or uuid4(),
        call=call,
        name=name,
        kind=kind,
        email=email,
        token_digest=_digest(token),
        created_by=by,
    )
    record("invitation.make", actor=by.pk, target_type="invitation", target=invitation.pk)
    return invitation, token


def renew(invitation: Invitation, *, by: User) -> str:
    """A new link for the same person; the old one is dead.

    Raises WrongState if the invitation was withdrawn or the visit is over.
    """
    with _locked(invitation) as (row, call):
        _check_open(row, call)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        Invitation.objects.filter(pk=row.pk).update(token_digest=_digest(token))
        record("invitation.renew", actor=by.pk, target_type="invitation", target=row.pk)
    return token


def revoke(invitation: Invitation, *, by: User) -> None:
    """The link is dead, and whoever came by it is sent away."""
    with _locked(invitation) as (row, _call):
        if row.revoked_at is None:
            Invitation.objects.filter(pk=row.pk).update(revoked_at=timezone.now())
            record("invitation.revoke", actor=by.pk, target_type="invitation", target=row.pk)
        if row.guest:
            _send_away(row, row.guest)


def revoke_all(call: CallSession, *, by: User) -> None:
    """The links that `by` made for the call are dead, and whoever came by them is sent away."""
    mine = Invitation.objects.filter(call=call, created_by=by, revoked_at__isnull=True)
    for invitation in mine.select_related("guest"):
        revoke(invitation, by=by)


def standing(call: CallSession, *, by: User | None = None) -> list[Invitation]:
    """The links to the call that hold good, or those of them that `by` made."""
    rows = Invitation.objects.filter(call=call, revoked_at__isnull=True).select_related("guest")
    return list(rows if by is None else rows.filter(created_by=by))


def move(call: CallSession, target: CallSession, *, by: User | None = None) -> list[Invitation]:
    """The links to the call, or those that `by` made, lead to another one, where whoever came by
    them has to open them anew; returns these. Both calls are locked.

    Raises NoPlaceForGuests if the other one has no place for so many.
    """
    coming = standing(call, by=by)
    if coming and 1 + target.capacity + len(standing(target)) + len(coming) > MOST_PEOPLE:
        raise NoPlaceForGuests
    for invitation in coming:
        if invitation.guest:
            _send_away(invitation, invitation.guest)
    moved = Invitation.objects.filter(pk__in=[one.pk for one in coming])
    moved.update(call=target, guest=None)
    hand_over(moved, before=call.agent_id, to=target.agent_id)
    return list(moved)


def hand_over(links: QuerySet[Invitation], *, before: UUID | None, to: UUID | None) -> None:
    """Who was invited by the agent before is the guest of the new one."""
    links.filter(created_by=before).update(created_by=to)


def found(token: str) -> Invitation | None:
    """The invitation of a link that still holds good, or None."""
    rows = Invitation.objects.filter(token_digest=_digest(token), revoked_at__isnull=True)
    return rows.select_related("call__service", "call__agent", "guest").first()


def come_in(invitation: Invitation, *, time_zone: str) -> User:
    """The guest that this browser now is; another browser's guest is sent away.

    Raises WrongState if the visit is over or the invitation was withdrawn.
    """
    with _locked(invitation) as (row, call):
        _check_open(row, call)
        guest = User(
            email=f"guest-{uuid4().hex}@guests.invalid",
            display_name=row.name,
            role=Role.GUEST,
            language=known_language(get_language() or "") or "en",
            time_zone=time_zone,
        )
        guest.set_unusable_password()
        guest.save()
        before = row.guest
        Participant.objects.create(call=call, user=guest, role=ParticipantRole.GUEST)
        Invitation.objects.filter(pk=row.pk).update(guest=guest, opened_at=timezone.now())
        record("invitation.open", actor=guest.pk, target_type="invitation", target=row.pk)
        if before is not None:
            _send_away(row, before)
    return guest


def close_over() -> int:
    """Guests of visits that ended a while ago are nobody any more; returns how many."""
    over = timezone.now() - KEPT_AFTER
    guests = User.objects.filter(
        role=Role.GUEST, is_active=True, participations__call__ended_at__lt=over
    )
    return User.objects.filter(pk__in=list(guests.values_list("pk", flat=True)[:500])).update(
        is_active=False
    )


@contextmanager
def _locked(invitation: Invitation) -> Iterator[tuple[Invitation, CallSession]]:
    """The invitation as it is now, and its call: the call locked first, as everywhere."""
    rows = Invitation.objects.filter(pk=invitation.pk)
    while True:
        with transaction.atomic():
            call_id = rows.values_list("call_id", flat=True).get()
            call = CallSession.objects.select_for_update().get(pk=call_id)
            row = rows.select_for_update().get()
            if row.call_id == call_id:
                yield row, call
                return
        # It was moved to another call before this one was locked, which is let go first.


def _check_open(invitation: Invitation, call: CallSession) -> None:
    if call.state == CallState.ENDED or invitation.revoked_at is not None:
        raise WrongState("The visit is over, or the invitation was withdrawn.")


def _send_away(invitation: Invitation, guest: User) -> None:
    User.objects.filter(pk=guest.pk).update(is_active=False)
    place = Participant.objects.filter(call=invitation.call_id, user=guest)
    participant = place.exclude(state=ParticipantState.REMOVED).first()
    if participant is not None:
        lifecycle.withdraw_place(participant)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
