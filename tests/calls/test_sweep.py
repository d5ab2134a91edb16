"""The sweep over legs whose process died, and over places that nobody took up again."""

import threading
from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from calls.models import Appointment, CallEvent, CallSession, Leg, Participant
from calls.services import presence
from calls.services.rooms import Room, locked_rooms
from calls.states import CallState, LegState
from tests.support.cast import Cast


def leg_unseen(call: CallSession, *, state: LegState) -> Leg:
    """The leg of a patient who waits; its socket was last heard of long ago."""
    guest = call.participants.get(role="patient")
    long_ago = timezone.now() - timedelta(minutes=5)
    Participant.objects.filter(pk=guest.pk).update(state="waiting", waiting_since=long_ago)
    return Leg.objects.create(participant=guest, state=state, seen_at=long_ago, entered_at=long_ago)


def test_it_gives_up_the_place_of_somebody_who_waited(cast: Cast) -> None:
    leg = leg_unseen(cast.call, state=LegState.DROPPED)
    presence.sweep()
    leg.refresh_from_db()
    assert (leg.state, leg.closed_at is not None) == ("closed", True)
    guest = Participant.objects.get(pk=leg.participant_id)
    assert (guest.state, guest.waiting_since) == ("invited", None)
    told = CallEvent.objects.get(call=cast.call)
    assert (told.kind, told.data["reason"]) == ("left", "timeout")


@pytest.mark.parametrize("state", [LegState.CONNECTED, LegState.DROPPED])
def test_it_outlives_a_call_that_is_deleted_meanwhile(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, state: LegState
) -> None:
    other = CallSession.objects.exclude(pk=cast.call.pk).get()
    gone, left = (leg_unseen(call, state=state) for call in (other, cast.call))

    def lock_late(call_ids: Collection[UUID]) -> AbstractContextManager[dict[UUID, Room]]:
        Appointment.objects.filter(call=other).delete()
        other.delete()
        return locked_rooms(call_ids)

    monkeypatch.setattr(presence, "locked_rooms", lock_late)
    presence.sweep()
    assert not Leg.objects.filter(pk=gone.pk).exists()
    left.refresh_from_db()
    assert left.state == ("dropped" if state == LegState.CONNECTED else "closed")


def test_it_keeps_the_places_of_others_from_one_that_cannot_be_written(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = CallSession.objects.exclude(pk=cast.call.pk).get()
    bad, good = (leg_unseen(call, state=LegState.DROPPED) for call in (other, cast.call))
    close = presence.close

    def close_but_one(room: Room, *about: Any, **how: Any) -> None:
        if room.pk == other.pk:
            raise IntegrityError
        close(room, *about, **how)

    monkeypatch.setattr(presence, "close", close_but_one)
    presence.sweep()
    states = dict(Leg.objects.values_list("pk", "state"))
    assert (states[bad.pk], states[good.pk]) == ("dropped", "closed")


def test_it_says_nothing_of_a_visit_that_is_over(cast: Cast) -> None:
    leg = leg_unseen(cast.call, state=LegState.DROPPED)
    over = CallSession.objects.filter(pk=cast.call.pk)
    over.update(state=CallState.ENDED, ended_at=timezone.now())
    presence.sweep()
    leg.refresh_from_db()
    assert leg.state == "closed"
    assert not CallEvent.objects.filter(call=cast.call).exists()


def test_it_waits_for_nobody_who_changes_a_leg(cast: Cast) -> None:
    """SQLite locks no rows: there it has its turn after the other, and sees both."""
    locks_rows = connection.features.has_select_for_update_skip_locked
    other = CallSession.objects.exclude(pk=cast.call.pk).get()
    busy, free = (leg_unseen(call, state=LegState.CONNECTED) for call in (other, cast.call))
    seen = threading.Thread(target=see_and_go, args=[(busy.pk, free.pk)])
    with transaction.atomic():
        Leg.objects.filter(pk=busy.pk).update(epoch=2)
        seen.start()
        seen.join(timeout=20 if locks_rows else 0)
        assert seen.is_alive() != locks_rows
    seen.join(timeout=20)
    late = Leg.objects.filter(seen_at__lt=timezone.now() - presence.UNSEEN_AFTER)
    assert set(late.values_list("pk", flat=True)) == ({busy.pk} if locks_rows else set())


def see_and_go(leg_ids: Collection[UUID]) -> None:
    presence.see(leg_ids)
    connection.close()
