"""Who is behind a socket, and whether they still may be."""

from uuid import UUID

from django.contrib.sessions.models import Session
from django.core import signing
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.models import Participant, ParticipantRole, Recording
from calls.permissions import calls_for
from calls.states import ParticipantState

RECORDER_SALT = "calls.recorder"
RECORDER_TOKEN_SECS = 60


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


def still_signed_in(sessions: dict[str, UUID]) -> tuple[set[str], dict[UUID, str]]:
    """Of `session key -> user`: the keys that still stand, and the role of each active user."""
    standing = Session.objects.filter(
        session_key__in=sessions, expire_date__gt=timezone.now()
    ).values_list("session_key", flat=True)
    roles = User.objects.roles(sessions.values())
    return set(standing), roles
