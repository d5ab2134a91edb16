"""The flight recorder: the sentence that says what went wrong, and the page around it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import CallEvent, Leg, Participant, QualitySample
from calls.protocol import FactKind
from calls.services.flight import Flight, Happening, Kind, Point, verdict
from calls.services.flight_chart import _Axis, _path, chart
from tests.support.cast import Cast, make_cast, person

MEI, ADA = uuid4(), uuid4()
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def at(secs: float) -> datetime:
    return NOON + timedelta(seconds=secs)


def pair(
    secs: float, *, mei: dict[str, Any] | None = None, ada: dict[str, Any] | None = None
) -> list[Point]:
    """What both measured at the same time."""
    return [Point(at(secs), MEI, ADA, **(mei or {})), Point(at(secs), ADA, MEI, **(ada or {}))]


def call_of(secs: int, **bad: Any) -> list[Point]:
    """A call with a sample of both every five seconds; `bad` from 20 to 40 s."""
    points = []
    for second in range(0, secs, 5):
        points += pair(second, **(bad if 20 <= second <= 40 else {}))
    return points


def fact(kind: FactKind, secs: float, who: UUID | None = MEI) -> Happening:
    return Happening(kind, at(secs), who)


def test_it_finds_nothing_wrong_with_a_good_call() -> None:
    assert verdict(call_of(60), [fact(FactKind.JOINED, 0)]).kind == Kind.FINE


def test_it_says_that_nothing_was_measured() -> None:
    assert verdict([], [fact(FactKind.JOINED, 0), fact(FactKind.ENDED, 60)]).kind == Kind.NO_SAMPLES


@pytest.mark.parametrize("told_by", [{"mei": {"loss_out": 0.2}}, {"ada": {"loss_in": 0.2}}])
def test_it_lays_a_loss_at_the_door_of_who_sent(told_by: dict[str, Any]) -> None:
    found = verdict(call_of(60, **told_by), [])
    assert (found.kind, found.who, found.worst) == (Kind.LOSS, MEI, 0.2)
    assert (found.since, found.until) == (at(15), at(40))


def test_it_says_that_both_lost_at_the_same_time() -> None:
    found = verdict(call_of(60, mei={"loss_out": 0.1}, ada={"loss_out": 0.3}), [])
    assert (found.kind, found.who, found.worst) == (Kind.LOSS_BOTH, None, 0.3)


def test_it_does_not_mind_one_bad_sample() -> None:
    points = [*pair(0), *pair(5, mei={"loss_out": 0.3}), *pair(10), *pair(15)]
    assert verdict(points, []).kind == Kind.FINE


def test_it_says_how_long_somebody_was_away() -> None:
    facts = [fact(FactKind.JOINED, 0), fact(FactKind.DROPPED, 20), fact(FactKind.JOINED, 32)]
    unseen = call_of(60, mei={"loss_out": 0.2}, ada={"state": "reconnecting"})
    found = verdict(unseen, facts)
    assert (found.kind, found.who, found.length) == (Kind.AWAY, MEI, timedelta(seconds=12))


def test_it_knows_a_lost_server_from_a_lost_network() -> None:
    facts = [fact(FactKind.DROPPED, 20), fact(FactKind.JOINED, 32)]
    heard = [replace(point, in_kbps=500) for point in call_of(60)]
    found = verdict(heard, facts)
    assert (found.kind, found.who, found.length) == (
        Kind.SERVER_AWAY, MEI, timedelta(seconds=12),
    )  # fmt: skip
    slow = [replace(point, round_trip_ms=1200) for point in heard]
    assert verdict(slow, facts).kind == Kind.DELAY
    unmeasured = [point for point in heard if not at(20) <= point.at <= at(32)]
    assert verdict(unmeasured, facts).kind == Kind.LOST


def test_it_counts_who_waits_again_as_back() -> None:
    facts = [fact(FactKind.DROPPED, 20), fact(FactKind.ENTERED, 32), fact(FactKind.JOINED, 200)]
    found = verdict(call_of(60), facts)
    assert (found.kind, found.length) == (Kind.LOST, timedelta(seconds=12))


def test_it_knows_a_reload_from_a_lost_network() -> None:
    facts = [fact(FactKind.DROPPED, 20), fact(FactKind.JOINED, 22)]
    assert verdict(call_of(60), facts).kind == Kind.FINE


def test_it_says_that_somebody_never_came_back() -> None:
    facts = [fact(FactKind.DROPPED, 20), fact(FactKind.ENDED, 60, None)]
    found = verdict(call_of(60), facts)
    assert (found.kind, found.who, found.since) == (Kind.GONE, MEI, at(20))


def test_it_says_that_the_connection_broke() -> None:
    found = verdict(call_of(60, mei={"state": "reconnecting"}), [])
    assert (found.kind, found.since, found.until) == (Kind.INTERRUPTED, at(15), at(40))


def test_it_says_that_everything_took_long() -> None:
    found = verdict(call_of(60, mei={"round_trip_ms": 1200}), [])
    assert (found.kind, found.worst) == (Kind.DELAY, 1200)


def test_it_tells_of_a_relay_where_nothing_went_wrong() -> None:
    assert verdict(call_of(60, mei={"local": "relay", "remote": "host"}), []).kind == Kind.RELAY


def test_it_breaks_a_line_where_nothing_was_measured() -> None:
    axis = _Axis(at(0), at(100))
    path = _path(axis, [(at(0), 0.0), (at(5), 50.0), (at(60), 100.0), (at(65), None)], 100)
    assert path == "M0.0 100.0h1L50.0 50.0M600.0 0.0h1"


@pytest.mark.parametrize(("measured", "happened"), [(0, 20), (20, 0)])
def test_it_begins_with_whatever_came_first(measured: int, happened: int) -> None:
    points, facts = pair(measured), [fact(FactKind.JOINED, happened)]
    drawn = chart(Flight([], points, facts, verdict(points, facts)))
    assert drawn is not None
    assert (drawn.since, drawn.until) == (at(0), at(20))


# --- The page -------------------------------------------------------------------------------------
@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def page(user: User | None, cast: Cast) -> Any:
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse("call_flight", args=[cast.call.pk]))


def fly(cast: Cast, samples: int, **bad: Any) -> None:
    """A call of Mei and Dr. Ada with so many samples of each; `bad` is what Mei's are like."""
    begin = timezone.now() - timedelta(hours=1)
    legs = {}
    for user in (cast.mei, cast.ada):
        who = Participant.objects.get(call=cast.call, user=user)
        legs[user] = Leg.objects.create(participant=who, seen_at=begin, entered_at=begin)
        CallEvent.objects.create(
            call=cast.call,
            seq=CallEvent.objects.filter(call=cast.call).count() + 1,
            at=begin,
            kind=FactKind.JOINED,
            by=who,
            data={"participant": str(who.pk), "name": who.name},
        )
    mine, other = legs[cast.mei], legs[cast.ada]
    common = {"call": cast.call, "rung": "full", "state": "connected", "round_trip_ms": 40}
    for number in range(samples):
        moment = begin + timedelta(seconds=5 * number)
        QualitySample.objects.create(leg=mine, other=other, at=moment, **{**common, **bad})
        QualitySample.objects.create(leg=other, other=mine, at=moment, **common)


def test_it_hides_the_page_from_patients_strangers_and_other_agents(cast: Cast) -> None:
    for user in (None, cast.mei, cast.sam, cast.tomas):
        assert page(user, cast).status_code == 404
    refused = AuditEntry.objects.filter(action="call.flight", allowed=False)
    assert refused.count() == 3


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_it_shows_the_page_to_those_above(cast: Cast, role: Role) -> None:
    assert page(person("ines@example.com", "Ines Falk", role), cast).status_code == 200


def test_it_says_so_where_nothing_is_known_yet(cast: Cast) -> None:
    CallEvent.objects.filter(call=cast.call).delete()
    content = page(cast.ada, cast).content.decode()
    assert "Nothing was measured yet" in content
    assert 'page-header__lead">Mei' in content


def test_it_shows_both_sides_and_says_whose_uplink_it_was(cast: Cast) -> None:
    fly(cast, 200, loss_out=0.21, local="relay", remote="host", protocol="tls")
    shown = page(cast.ada, cast).content.decode()
    assert "Mei Lin’s uplink lost packets from" in shown
    assert "up to 21 % of them" in shown
    assert "relay – host, tls" in shown
    assert "Dr. Ada Brandt joined" in shown
    assert " style=" not in shown
    assert shown.count("flight__line--1") == 5


def test_it_asks_the_database_as_often_for_two_hundred_samples_as_for_two(cast: Cast) -> None:
    counts = []
    client = Client()
    client.force_login(cast.ada, backend="django.contrib.auth.backends.ModelBackend")
    for samples in (2, 200):
        for rows in (QualitySample, Leg, CallEvent):
            rows.objects.all().delete()
        fly(cast, samples)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("call_flight", args=[cast.call.pk])).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_it_keeps_what_was_said_among_those_who_said_it(cast: Cast) -> None:
    fly(cast, 2)
    ada = Participant.objects.get(call=cast.call, user=cast.ada)
    CallEvent.objects.create(
        call=cast.call,
        seq=99,
        at=timezone.now(),
        kind=FactKind.CHAT,
        by=ada,
        data={"participant": str(ada.pk), "name": ada.name, "text": "a private word"},
    )
    shown = page(person("ines@example.com", "Ines Falk", Role.SUPERVISOR), cast).content.decode()
    assert "Dr. Ada Brandt wrote a message" in shown
    assert "a private word" not in shown


def test_it_is_linked_for_the_agent_and_not_for_the_patient(cast: Cast) -> None:
    address = reverse("call_flight", args=[cast.call.pk])
    client = Client()
    for user, linked in ((cast.ada, True), (cast.mei, False)):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        for name, pk in (("appointment", cast.appointment.pk), ("call", cast.call.pk)):
            shown = client.get(reverse(name, args=[pk])).content.decode()
            assert (address in shown) is linked, (user, name)
