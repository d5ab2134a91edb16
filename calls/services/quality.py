"""Samples of what connections are like: what is kept of those that browsers send."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from calls import protocol
from calls.models import Leg, Participant, ParticipantRole, QualitySample
from calls.services.errors import NotAPeer, TooOften
from calls.states import ParticipantState

# Browsers send one in SAMPLE_EVERY_SECS; clocks and networks may bring two of them a bit closer.
LEAST_APART = timedelta(seconds=protocol.SAMPLE_EVERY_SECS - 1)
# Two people for fourteen hours, four (with twelve pairs of legs) for more than two.
MOST_PER_CALL = 20_000
_WERE_ADMITTED = (ParticipantState.ADMITTED, ParticipantState.LEFT)
_MEASURES = (
    *("rung", "state", "loss_in", "loss_out", "round_trip_ms", "jitter_ms", "in_kbps", "out_kbps"),
    *("available_kbps", "in_width", "in_height", "in_fps"),
)


def keep(leg_id: UUID, sample: protocol.Sample) -> None:
    """Store what `leg_id` measured of its connection to `sample.leg`.

    Raises NotAPeer unless both are, or were, in the same call as people who were admitted, and
    TooOften if the last one of this pair is too young or the call has as many as are kept of it.
    """
    me = _person_of(leg_id)
    other = _person_of(sample.leg)
    if me is None or other is None or me.call_id != other.call_id or me.pk == other.pk:
        raise NotAPeer("There is no connection to this leg.")
    now = timezone.now()
    of_pair = QualitySample.objects.filter(leg=leg_id, other=sample.leg)
    if of_pair.filter(at__gt=now - LEAST_APART).exists():
        raise TooOften("Samples come too often.")
    if QualitySample.objects.filter(call=me.call_id).count() >= MOST_PER_CALL:
        raise TooOften("This call has as many samples as are kept.")
    QualitySample.objects.create(
        call_id=me.call_id,
        leg_id=leg_id,
        other_id=sample.leg,
        at=now,
        local=sample.local or "",
        remote=sample.remote or "",
        protocol=sample.protocol or "",
        **{name: getattr(sample, name) for name in _MEASURES},
    )


def _person_of(leg_id: UUID) -> Participant | None:
    """Whose leg it is, if they have entered and were admitted."""
    entered = Leg.objects.filter(
        pk=leg_id, entered_at__isnull=False, participant__state__in=_WERE_ADMITTED
    ).exclude(participant__role=ParticipantRole.RECORDER)
    leg = entered.select_related("participant").first()
    return leg.participant if leg else None
