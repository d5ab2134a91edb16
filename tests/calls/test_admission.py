"""What letting somebody in and sending them away writes, and how often it asks the database."""

import pytest
from django.utils import timezone

from calls.models import CallEvent, CallSession, Leg, Participant
from calls.services import lifecycle
from tests.support.cast import Cast


@pytest.fixture
def guest(cast: Cast) -> Participant:
    """Mei waits, connected and past the device check."""
    now = timezone.now()
    guest = cast.call.participants.get(user=cast.mei)
    Participant.objects.filter(pk=guest.pk).update(state="waiting", waiting_since=now)
    Leg.objects.create(participant=guest, seen_at=now, entered_at=now)
    return guest


@pytest.fixture
def doctor(cast: Cast) -> Participant:
    cast.call.participants.filter(user=cast.ada).update(
        state="admitted", admitted_at=timezone.now()
    )
    return cast.call.participants.select_related("user", "call").get(user=cast.ada)


def kinds(cast: Cast) -> list[str]:
    return list(CallEvent.objects.filter(call=cast.call).values_list("kind", flat=True))


def test_it_costs_few_queries_to_admit(
    cast: Cast, guest: Participant, doctor: Participant, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(13):  # type: ignore[operator]
        lifecycle.admit(guest.pk, by=doctor, ref="1")
    guest.refresh_from_db()
    assert (guest.state, guest.waiting_since) == ("admitted", None)
    call = CallSession.objects.get(pk=cast.call.pk)
    assert (call.state, call.live_at, call.last_seq) == ("live", guest.admitted_at, 2)
    assert kinds(cast) == ["admitted", "joined"]


def test_it_tells_nobody_of_a_leg_that_is_lost(
    cast: Cast, guest: Participant, doctor: Participant
) -> None:
    guest.legs.update(state="dropped")
    lifecycle.admit(guest.pk, by=doctor, ref="1")
    assert kinds(cast) == ["admitted"]


@pytest.mark.parametrize("state", ["connected", "dropped"])
def test_it_closes_the_leg_of_whom_it_removes(
    cast: Cast, guest: Participant, doctor: Participant, state: str
) -> None:
    guest.legs.update(state=state)
    seq = lifecycle.remove(guest.pk, by=doctor, ref="1")
    assert lifecycle.remove(guest.pk, by=doctor, ref="1") == seq
    leg = guest.legs.get()
    assert (leg.state, leg.closed_at is not None) == ("closed", True)
    assert kinds(cast) == ["removed", "left"]
    assert CallEvent.objects.get(kind="left").data["reason"] == "removed"
