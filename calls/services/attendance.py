"""Who is behind a socket, and what that socket has to be told now."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import signing
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls import protocol
from calls.models import CallEvent, CallSession, Leg, Participant, ParticipantRole, Recording
from calls.permissions import COMMANDS, calls_for
from calls.services import facts, presence, relays
from calls.services.peers import peers_of
from calls.states import CallState, LegState, ParticipantState

RECORDER_SALT = "calls.recorder"
RECORDER_TOKEN_SECS = 60
MOST_FACTS = 500


@dataclass(frozen=True)
class News:
    """What a leg does not know yet, read in one go."""

    facts: list[protocol.Fact]
    peers: list[protocol.Peer]
    leg_open: bool
    replaced: bool
    removed: bool
    ended: bool


def person_in_call(user: User, call_id: UUID) -> Participant | None:
    """The participant that `user` is in the call, or None; a refusal is audited."""
    call = calls_for(user).filter(pk=call_id).first()
    participant = call and Participant.objects.filter(call=call, user=user).first()
    if participant is None or participant.state == ParticipantState.REMOVED:
        record(
            "call.connect", actor=user.pk, target_type="callsession", target=call_id, allowed=False
        )
        return None
    return Participant.objects.select_related("user", "call").get(pk=participant.pk)


def recorder_token(recording: Recording, *, owner: str) -> str:
    """What a recorder worker shows when it connects; good for a minute."""
    return signing.dumps([str(recording.pk), owner], salt=RECORDER_SALT)


def recorder_in_call(token: str, call_id: UUID) -> Participant | None:
    """The recorder's participant if the token is good and its owner holds the lease, else None."""
    try:
        recording_id, owner = signing.loads(token, salt=RECORDER_SALT, max_age=RECORDER_TOKEN_SECS)
    except signing.BadSignature:
        return None
    held = Recording.objects.filter(pk=recording_id, call_id=call_id, lease_owner=owner)
    if not held.exists():
        return None
    participant, _ = Participant.objects.get_or_create(
        call_id=call_id,
        role=ParticipantRole.RECORDER,
        defaults={"state": ParticipantState.ADMITTED},
    )
    return Participant.objects.select_related("user", "call").get(pk=participant.pk)


def connect(participant: Participant, leg_id: UUID | None) -> Leg:
    """The leg that a socket speaks for from now on (see presence.connect)."""
    return presence.connect(participant, leg_id)


def welcome(leg: Leg) -> protocol.Welcome:
    """The first message to a leg."""
    participant = leg.participant
    call = CallSession.objects.get(pk=participant.call_id)
    now = timezone.now()
    return protocol.Welcome(
        you=participant.pk,
        leg=leg.pk,
        role=participant.role,
        name=participant.name,
        now=iso(now),
        state=call.state,
        live_at=iso(call.live_at) if call.live_at else None,
        may=list(COMMANDS[ParticipantRole(participant.role)]),
        ice_servers=relays.ice_for(leg.pk, now=now).servers,
        recording_bitrate=settings.RECORDING_VIDEO_BITRATE,
    )


def news(leg_id: UUID, last_seq: int) -> News:
    """Everything after `last_seq`, and who may be signalled with, for one leg."""
    leg = Leg.objects.select_related("participant__user", "participant__call").get(pk=leg_id)
    person = leg.participant
    leg_open = leg.state != LegState.CLOSED
    return News(
        facts=history(person, last_seq),
        peers=peers_of(leg),
        leg_open=leg_open,
        replaced=not leg_open and person.legs.exclude(state=LegState.CLOSED).exists(),
        removed=person.state == ParticipantState.REMOVED,
        ended=person.call.state == CallState.ENDED,
    )


def history(person: Participant, last_seq: int) -> list[protocol.Fact]:
    """Up to MOST_FACTS facts after `last_seq`, as `person` may see them.

    What was written before somebody was admitted is not theirs to read: its text is left out.
    """
    events = facts.since(person.call_id, last_seq, most=MOST_FACTS)
    return [_fact(event, hidden=_is_hidden(event, person)) for event in events]


def newest_facts(call_ids: list[UUID]) -> dict[UUID, int]:
    """The number of the last fact of each call."""
    return dict(CallSession.objects.filter(pk__in=call_ids).values_list("pk", "last_seq"))


def still_signed_in(sessions: dict[str, UUID]) -> tuple[set[str], dict[UUID, str]]:
    """Of `session key -> user`: the keys that still stand, and the role of each active user."""
    standing = Session.objects.filter(
        session_key__in=sessions, expire_date__gt=timezone.now()
    ).values_list("session_key", flat=True)
    roles = User.objects.roles(sessions.values())
    return set(standing), roles


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as every time on the wire is written."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now_iso() -> str:
    """The server's clock, as it is written on the wire."""
    return iso(timezone.now())


def _is_hidden(event: CallEvent, person: Participant) -> bool:
    if event.kind != protocol.FactKind.CHAT:
        return False
    return person.admitted_at is None or event.at < person.admitted_at


def _fact(event: CallEvent, *, hidden: bool) -> protocol.Fact:
    return protocol.Fact(
        seq=event.seq,
        at=iso(event.at),
        kind=protocol.FactKind(event.kind),
        by=event.by_id,
        data={} if hidden else event.data,
    )
