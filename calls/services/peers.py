"""Which legs may exchange signals with a given leg, now, and which signals."""

from collections.abc import Iterable
from uuid import UUID

from calls import protocol
from calls.models import Consent, Leg, ParticipantRole
from calls.permissions import may
from calls.protocol import Peer
from calls.states import ConsentState, LegState, ParticipantState, RecordingState

# All that connecting takes. What somebody does beside it is nobody's to know before admission.
WARM_SIGNALS = (protocol.Description, protocol.Candidate, protocol.Blank, protocol.Ack)


def peers_of(leg: Leg) -> list[Peer]:
    """The legs that `leg` may signal with, in a stable order.

    1. Both sides are admitted; a recorder and a person see each other only while the person's own
       consent to the open recording stands.
    2. Or one waits and the other may admit: a warm pair, which connects without sending anything.
    """
    others = list(
        Leg.objects.filter(
            participant__call_id=leg.participant.call_id,
            participant__state__in=(ParticipantState.ADMITTED, ParticipantState.WAITING),
            entered_at__isnull=False,
        )
        .exclude(state=LegState.CLOSED)
        .select_related("participant__user")
        .order_by("connected_at", "pk")
    )
    mine = next((other for other in others if other.pk == leg.pk), None)
    if mine is None:
        return []
    consenting = _consenting(leg.participant.call_id)
    return [
        Peer(
            leg=other.pk,
            participant=other.participant_id,
            role=other.participant.role,
            name=other.participant.name,
            polite=_is_polite(mine, other),
            warm=_is_warm(mine, other),
        )
        for other in others
        if other.pk != mine.pk
        and (_is_warm(mine, other) or _are_in_call(mine, other, consenting=consenting))
    ]


def may_send(signal: protocol.Signal, peers: Iterable[Peer]) -> bool:
    """Whether a leg with these peers may send `signal` to the leg that it names."""
    peer = next((peer for peer in peers if peer.leg == signal.leg), None)
    return peer is not None and (not peer.warm or isinstance(signal, WARM_SIGNALS))


def _are_in_call(leg: Leg, other: Leg, *, consenting: set[UUID]) -> bool:
    """Both are admitted, and who meets a recorder has agreed to it."""
    people = (leg.participant, other.participant)
    if any(person.state != ParticipantState.ADMITTED for person in people):
        return False
    if any(person.role == ParticipantRole.RECORDER for person in people):
        return any(person.pk in consenting for person in people)
    return True


def _is_warm(leg: Leg, other: Leg) -> bool:
    """One waits and the other, who is in the call, may let them in."""
    return _waits_for(leg, other) or _waits_for(other, leg)


def _waits_for(leg: Leg, other: Leg) -> bool:
    waits = leg.participant.state == ParticipantState.WAITING
    is_in = other.participant.state == ParticipantState.ADMITTED
    return waits and is_in and may(other.participant, "admit")


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
