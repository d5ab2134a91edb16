"""Changes of many calls in one transaction: numbers without gaps, whoever else writes."""

import threading
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from calls.models import CallEvent, CallSession, Leg, Participant
from calls.services import changes, lifecycle, news
from calls.services.changes import Joined
from calls.services.errors import CallError
from calls.services.lifecycle import Enter, Leave
from calls.services.news import Asker
from calls.services.presence import Drop, Join
from tests.support.cast import Cast


def everyone() -> list[tuple[UUID, UUID]]:
    """Call and participant of each person of both calls."""
    return list(Participant.objects.order_by("pk").values_list("call_id", "pk"))


def join(call_id: UUID, participant_id: UUID, wanted: UUID | None = None) -> Join:
    return Join(call_id, participant_id, wanted, uuid4())


def joined_all(people: list[tuple[UUID, UUID]]) -> dict[UUID, Joined]:
    outcomes = changes.carry_out([join(*person) for person in people])
    return {
        pk: one for (_, pk), one in zip(people, outcomes, strict=True) if isinstance(one, Joined)
    }


def test_it_takes_many_in_at_a_constant_number_of_queries(cast: Cast) -> None:
    people = everyone()
    joined_all(people)
    counts = []
    for batch in (people[:1], people):
        connection.force_debug_cursor = True
        connection.queries_log.clear()
        joined_all(batch)
        counts.append(len(connection.queries_log))
        connection.force_debug_cursor = False
    assert counts[0] == counts[1] <= 8


def test_it_refuses_one_and_takes_the_others(cast: Cast) -> None:
    call_id, doctor = Participant.objects.values_list("call_id", "pk").get(user=cast.ada)
    unknown = join(uuid4(), uuid4())
    early = Enter(call_id, doctor, uuid4(), "e")
    (gone,) = changes.carry_out([unknown])
    assert isinstance(gone, CallError)
    others = [person for person in everyone() if person[1] != doctor]
    *joined, refused = changes.carry_out([*(join(*one) for one in others), early])
    assert all(isinstance(one, Joined) for one in joined)
    assert isinstance(refused, CallError)
    assert Leg.objects.count() == len(others)


def come_and_go(people: list[tuple[UUID, UUID]]) -> None:
    """Everybody joins, enters, is lost and leaves, five times over."""
    for turn in range(5):
        legs = joined_all(people)
        changes.carry_out([Enter(call, pk, legs[pk].leg_id, f"e{turn}") for call, pk in people])
        changes.carry_out([Drop(call, pk, legs[pk].leg_id, legs[pk].epoch) for call, pk in people])
        changes.carry_out([Leave(call, pk, legs[pk].leg_id, f"l{turn}") for call, pk in people])


def write(doctors: list[Participant], name: str) -> None:
    """Chat in every call; who has left for a moment cannot."""
    for number in range(20):
        for doctor in doctors:
            with suppress(CallError):
                lifecycle.chat("hello", by=doctor, ref=f"{name}{number}")


def beside_each_other(*works: Callable[[], None]) -> list[BaseException]:
    """Run all in threads; returns what any of them raised."""
    faults: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_it_numbers_facts_without_gaps_beside_other_writers(cast: Cast) -> None:
    people = everyone()
    Participant.objects.filter(role="agent").update(state="admitted")
    doctors = list(Participant.objects.filter(role="agent").select_related("call"))
    faults = beside_each_other(
        lambda: come_and_go(people), lambda: write(doctors, "a"), lambda: write(doctors, "b")
    )
    assert faults == []
    for call in CallSession.objects.all():
        numbers = list(CallEvent.objects.filter(call=call).values_list("seq", flat=True))
        assert numbers == list(range(1, call.last_seq + 1))
        assert call.last_seq > 30


def test_it_tells_each_what_they_have_not_seen(cast: Cast) -> None:
    people = everyone()
    legs = joined_all(people)
    changes.carry_out([Enter(call, pk, legs[pk].leg_id, "e") for call, pk in people])
    told = news.news_for([Asker(call, pk, legs[pk].leg_id, 1, 1) for call, pk in people])
    for (call, _), one in zip(people, told, strict=True):
        last = CallSession.objects.get(pk=call).last_seq
        assert [fact.seq for fact in one.facts] == list(range(2, last + 1))
        assert one.entered


def test_it_tells_news_beside_somebody_who_is_far_behind(cast: Cast) -> None:
    call, (far, near) = cast.call, Participant.objects.filter(call=cast.call)
    legs = joined_all([(call.pk, far.pk), (call.pk, near.pk)])
    rows = [CallEvent(call=call, seq=n, kind="chat", at=timezone.now()) for n in range(1, 602)]
    CallEvent.objects.bulk_create(rows)
    CallSession.objects.filter(pk=call.pk).update(last_seq=601)
    askers = [
        Asker(call.pk, one.pk, legs[one.pk].leg_id, 1, seq) for one, seq in ((far, 0), (near, 600))
    ]
    behind, beside = news.news_for(askers)
    assert [fact.seq for fact in beside.facts] == [601]
    assert [fact.seq for fact in behind.facts] == list(range(1, 501))
