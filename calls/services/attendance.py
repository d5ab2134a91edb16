"""Who is behind a socket, and whether they still may be."""

from hashlib import blake2b
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User
from audit.log import record
from calls.models import Participant, ParticipantRole, Recording
from calls.permissions import calls_for
from calls.states import ParticipantState

RECORDER_SALT = "calls.recorder"
RECORDER_TOKEN_SECS = 60
MOST_KNOWN = 16_384
_known: dict[bytes, bool] = {}


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


def user_of_session(session_key: str) -> User | None:
    """Whom the session speaks for.

    django.contrib.auth.get_user would renew a session of an older secret key, for which a socket
    has no cookie to set; channels.auth.get_user would delete it. Here it stays as it is.
    """
    now = timezone.now()
    found = Session.objects.filter(session_key=session_key, expire_date__gt=now).first()
    if found is None:
        return None
    user_id = found.get_decoded().get(SESSION_KEY)
    user = User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
    if user is None or not _was_opened_with(user.password, found.session_data):
        return None
    return user


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
    """Of `session key -> user`: the keys that still stand, and the role of each active user.

    A session that was opened with another password than the user has now stands no more.
    """
    users = User.objects.standing(sessions.values())
    rows = Session.objects.filter(session_key__in=sessions, expire_date__gt=timezone.now())
    standing = {
        key
        for key, data in rows.values_list("session_key", "session_data")
        if sessions[key] in users and _was_opened_with(users[sessions[key]][1], data)
    }
    return standing, {pk: role for pk, (role, _) in users.items()}


def _was_opened_with(password: str, session_data: str) -> bool:
    """Whether django.contrib.auth would take the session for one of this (hashed) password.

    Each socket's session is looked at again every few seconds, and rarely is it another by then:
    the answers are kept, the secrets are not.
    """
    pair = blake2b(f"{password} {session_data}".encode(), digest_size=16).digest()
    known = _known.get(pair)
    if known is None:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        said = SessionStore().decode(session_data).get(HASH_SESSION_KEY, "")
        user = User(password=password)
        good = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
        known = _known[pair] = any(constant_time_compare(said, one) for one in good)
    return known
