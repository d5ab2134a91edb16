"""Which legs may exchange signals with a given leg, now, and which signals."""

from collections.abc import Collection, Mapping
from uuid import UUID

from calls import protocol
from calls.models import Consent, Leg, ParticipantRole
from calls.models.call import MAY_BE_HELD, Manner
from calls.permissions import COMMANDS
from calls.protocol import Flow, Peer
from calls.services.rooms import Room, Seat, read_rooms
from calls.states import ConsentState, ParticipantState, RecordingState

# All that connecting takes. What somebody does beside it is not everybody's to know.
CONNECTING = (protocol.Description, protocol.Candidate, protocol.Blank, protocol.Ack)

_ORDER = (
    ParticipantRole.PATIENT,
    ParticipantRole.GUEST,
    ParticipantRole.SUPERVISOR,
    ParticipantRole.AGENT,
    ParticipantRole.RECORDER,
)
_RANK = {str(role): rank for rank, role in enumerate(_ORDER)}


def peers_of(leg: Leg) -> list[Peer]:
    """The legs that `leg` may signal with; `peers_in` for one whose call was not read yet."""
    room = read_rooms([leg.participant.call_id])[leg.participant.call_id]
    seat = room.seats[leg.participant_id]
    if seat.leg is None or seat.leg.pk != leg.pk:
        return []
    return peers_in(room, seat, consenting_in([room.pk]).get(room.pk, {}))


def peers_in(room: Room, mine: Seat, consenting: Mapping[UUID, str]) -> list[Peer]:
    """The legs that the leg of `mine` may signal with, in a stable order.

    1. Both sides are admitted; a recorder and a person see each other only while the person's own
       consent to the open recording stands.
    2. Or one waits and the other may admit: a warm pair, which connects without sending anything.

    What may flow between them is `flow` in each entry: nothing in a warm pair, nor between somebody
    on hold and anybody else, nor to a recorder while anybody is on hold.
    """
    if mine.leg is None or mine.leg.entered_at is None:
        return []
    found = []
    for other in room.seats.values():
        if other is mine or other.leg is None or other.leg.entered_at is None:
            continue
        warm = _waits_for(mine, other) or _waits_for(other, mine)
        if warm or _are_in_call(mine, other, consenting):
            found.append((other.leg.connected_at, other.leg.pk, other, warm))
    if len(found) > 1:
        found.sort(key=lambda entry: entry[:2])
    return [
        Peer(
            leg=leg_id,
            participant=other.pk,
            role=other.role,
            name="" if mine.role in MAY_BE_HELD and room.hides(other) else other.name,
            polite=_is_polite(mine, mine.leg.pk, other, leg_id),
            warm=warm,
            flow="none" if warm else _flow(room, mine, other),
            quality=consenting.get(mine.pk, "") if other.role == ParticipantRole.RECORDER else "",
        )
        for _, leg_id, other, warm in found
    ]


def may_send_to(peer: Peer, signal: protocol.Signal) -> bool:
    """Whether `signal` may go to this peer: where nothing is sent, only what connecting takes."""
    return peer.flow in ("both", "send") or isinstance(signal, CONNECTING)


def consenting_in(call_ids: Collection[UUID]) -> dict[UUID, dict[UUID, str]]:
    """The participants of each call whose consent to its open recording stands.

    With each the quality that the recording is made in.
    """
    standing = Consent.objects.filter(
        recording__call_id__in=call_ids,
        recording__state__in=(RecordingState.QUEUED, RecordingState.RECORDING),
        state=ConsentState.GIVEN,
    )
    found: dict[UUID, dict[UUID, str]] = {}
    for call_id, participant_id, quality in standing.values_list(
        "recording__call_id", "participant_id", "recording__quality"
    ):
        found.setdefault(call_id, {})[participant_id] = quality
    return found


def _are_in_call(mine: Seat, other: Seat, consenting: Collection[UUID]) -> bool:
    """Both are admitted, and who meets a recorder has agreed to it."""
    if mine.state != ParticipantState.ADMITTED or other.state != ParticipantState.ADMITTED:
        return False
    if ParticipantRole.RECORDER in (mine.role, other.role):
        return mine.pk in consenting or other.pk in consenting
    return True


def _flow(room: Room, mine: Seat, other: Seat) -> Flow:
    """What `mine` may do with its connection to `other`; both are in the call."""
    sends, plays = _sends(room, mine, other), _sends(room, other, mine)
    if sends:
        return "both" if plays else "send"
    return "receive" if plays else "none"


def _sends(room: Room, sender: Seat, receiver: Seat) -> bool:
    """Whether the sound and picture of one go to the other.

    A supervisor who listens is sent everything and sends nothing; one who whispers is heard by
    agents. To a recorder goes only who takes part.
    """
    if sender.role == ParticipantRole.RECORDER or sender.held_at or receiver.held_at:
        return False
    if sender.only_supervises:
        return sender.manner == Manner.WHISPER and receiver.role == ParticipantRole.AGENT
    return receiver.role != ParticipantRole.RECORDER or not room.holds_somebody


def _waits_for(guest: Seat, host: Seat) -> bool:
    """One waits and the other, who is in the call, may let them in."""
    if guest.state != ParticipantState.WAITING or host.state != ParticipantState.ADMITTED:
        return False
    return "admit" in COMMANDS[ParticipantRole(host.role)]


def _is_polite(mine: Seat, my_leg: UUID, other: Seat, its_leg: UUID) -> bool:
    """The recorder never yields, an agent only to it, a patient to all; equals go by leg id."""
    if mine.role != other.role:
        return _RANK[mine.role] < _RANK[other.role]
    return my_leg < its_leg
