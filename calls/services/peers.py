"""Which legs may exchange signals with a given leg, now."""

from uuid import UUID

from calls.models import Consent, Leg, ParticipantRole
from calls.protocol import Peer
from calls.states import ConsentState, LegState, ParticipantState, RecordingState


def peers_of(leg: Leg) -> list[Peer]:
    """The legs that `leg` may signal with, in a stable order.

    Both sides are admitted; a recorder and a person see each other only while the person's own
    consent to the open recording stands.
    """
    others = list(
        Leg.objects.filter(
            participant__call_id=leg.participant.call_id,
            participant__state=ParticipantState.ADMITTED,
            entered_at__isnull=False,
        )
        .exclude(state=LegState.CLOSED)
        .select_related("participant__user")
        .order_by("connected_at", "pk")
    )
    if leg.pk not in {other.pk for other in others}:
        return []
    me = leg.participant
    consenting = _consenting(me.call_id)
    return [
        Peer(
            leg=other.pk,
            participant=other.participant_id,
            role=other.participant.role,
            name=other.participant.name,
            polite=_is_polite(leg, other),
        )
        for other in others
        if other.pk != leg.pk
        and (other.participant.role != ParticipantRole.RECORDER or me.pk in consenting)
        and (me.role != ParticipantRole.RECORDER or other.participant_id in consenting)
    ]


def _consenting(call_id: UUID) -> set[UUID]:
    standing = Consent.objects.filter(
        recording__call_id=call_id,
        recording__state__in=(RecordingState.QUEUED, RecordingState.RECORDING),
        state=ConsentState.GIVEN,
    )
    return set(standing.values_list("participant_id", flat=True))


def _is_polite(leg: Leg, other: Leg) -> bool:
    """The recorder never yields, an agent only to it, a patient to both; equals go by leg id."""
    order = [ParticipantRole.PATIENT, ParticipantRole.AGENT, ParticipantRole.RECORDER]
    mine, theirs = order.index(_role(leg)), order.index(_role(other))
    return mine < theirs if mine != theirs else leg.pk < other.pk


def _role(leg: Leg) -> ParticipantRole:
    return ParticipantRole(leg.participant.role)
