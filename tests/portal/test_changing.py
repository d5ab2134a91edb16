"""Moving, series and the waiting list: what their pages do with right and wrong input."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import Appointment, Service, SlotOffer, WaitingListEntry
from calls.services.scheduling import changing
from tests.booking import house
from tests.booking.house import choice, text, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    return house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())


# --- Moving ---------------------------------------------------------------------------------------
def test_it_moves_a_visit_by_the_same_steps(visit: Appointment, mei: User, ada: User) -> None:
    client = house.signed_in(mei)
    page = text(client.get(f"/appointments/{visit.pk}/"))
    times = f"/book/{visit.service.pk}/time/?move={visit.pk}&amp;agent={ada.pk}"
    assert times in page
    later = visit.starts_at + timedelta(hours=1)
    assert "You move the visit of Mei" in text(client.get(times.replace("&amp;", "&")))
    address = f"/book/{visit.service.pk}/confirm/?move={visit.pk}"
    look = text(client.get(f"{address}&agent={ada.pk}&starts={written(later)}"))
    assert "Move the visit" in look
    answer = client.post(address, choice(ada, later))
    assert answer["Location"] == f"/appointments/{visit.pk}/"
    visit.refresh_from_db()
    assert (visit.starts_at, visit.sequence) == (later, 1)


def test_it_moves_to_the_same_time_without_a_change(
    visit: Appointment, mei: User, ada: User
) -> None:
    address = f"/book/{visit.service.pk}/confirm/?move={visit.pk}"
    assert house.signed_in(mei).post(address, choice(ada, visit.starts_at)).status_code == 302
    visit.refresh_from_db()
    assert visit.sequence == 0


def test_it_moves_nobody_elses_visit(visit: Appointment, ada: User) -> None:
    address = f"/book/{visit.service.pk}/confirm/?move={visit.pk}"
    later = visit.starts_at + timedelta(hours=1)
    for stranger in (house.person("sam"), house.agent("tomas")):
        client = house.signed_in(stranger)
        assert client.post(address, choice(ada, later)).status_code == 404
    assert AuditEntry.objects.filter(action="appointment.move", allowed=False).count() == 2
    ines = house.signed_in(house.person("ines", Role.SUPERVISOR))
    assert ines.post(address, choice(ada, later)).status_code == 302


def test_it_names_the_next_times_when_the_new_one_is_gone(
    visit: Appointment, mei: User, ada: User
) -> None:
    taken = visit.starts_at + timedelta(hours=1)
    house.visit(house.person("sam"), ada, of=visit.service, starts_at=taken)
    address = f"/book/{visit.service.pk}/confirm/?move={visit.pk}"
    answer = house.signed_in(mei).post(address, choice(ada, taken))
    assert answer.status_code == 409
    assert f"move={visit.pk}" in text(answer)
    assert "The next free times" in text(answer)


def test_it_says_when_it_is_too_late_to_change(visit: Appointment, mei: User) -> None:
    visit.service.change_notice_minutes = 3 * 24 * 60
    visit.service.save()
    client = house.signed_in(mei)
    page = text(client.get(f"/appointments/{visit.pk}/"))
    assert "too late to change" in page
    assert "Cancel visit" not in page
    assert "too late" in text(client.post(f"/appointments/{visit.pk}/cancel/", follow=True))
    visit.refresh_from_db()
    assert visit.state == "booked"


# --- Series ---------------------------------------------------------------------------------------
def test_it_books_a_series_after_a_look_at_its_dates(
    mei: User, ada: User, consultation: Service
) -> None:
    client = house.signed_in(mei)
    sent = choice(ada, house.tomorrow(), weeks="3", reason="Physio")
    look = client.post(f"/book/{consultation.pk}/confirm/", sent)
    assert (look.status_code, Appointment.objects.count()) == (200, 0)
    dates = [written(house.tomorrow() + timedelta(weeks=week)) for week in range(3)]
    assert text(look).count('name="date"') == 3
    answer = client.post(f"/book/{consultation.pk}/series/", {**sent, "date": dates})
    booked = list(Appointment.objects.order_by("starts_at"))
    assert answer["Location"] == f"/appointments/{booked[0].pk}/"
    assert [written(one.starts_at) for one in booked] == dates
    assert {one.reason for one in booked} == {"Physio"}
    again = client.post(f"/book/{consultation.pk}/series/", {**sent, "date": dates})
    assert again["Location"] == answer["Location"]
    assert Appointment.objects.count() == 3
    page = text(client.get(f"/appointments/{booked[0].pk}/"))
    assert "2 more visits after this one" in page
    called_off = client.post(f"/appointments/{booked[1].pk}/cancel/", {"rest": "1"}, follow=True)
    assert "2 visits are cancelled." in text(called_off)
    assert [one.state for one in Appointment.objects.order_by("starts_at")] == [
        "booked",
        "cancelled",
        "cancelled",
    ]


def test_it_books_no_part_of_a_series(mei: User, ada: User, consultation: Service) -> None:
    second = house.tomorrow() + timedelta(weeks=1)
    house.visit(house.person("sam"), ada, of=consultation, starts_at=second)
    sent = choice(ada, house.tomorrow(), weeks="2")
    dates = [written(house.tomorrow()), written(second)]
    answer = house.signed_in(mei).post(f"/book/{consultation.pk}/series/", {**sent, "date": dates})
    assert answer.status_code == 409
    assert "Nothing is booked yet" in text(answer)
    assert not Appointment.objects.filter(patient=mei).exists()


@pytest.mark.parametrize("dates", [[], ["rubbish"], ["9999-12-31T23:59:59-12:00"], ["x"] * 13])
def test_it_takes_no_wrong_dates(
    mei: User, ada: User, consultation: Service, dates: list[str]
) -> None:
    sent = choice(ada, house.tomorrow(), weeks="2", date=dates)
    answer = house.signed_in(mei).post(f"/book/{consultation.pk}/series/", sent)
    assert answer.status_code in (400, 409)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("starts", ["", "rubbish", "2026-02-31T10:00:00Z", "9999-12-31T23:59Z"])
def test_it_takes_no_series_from_a_wrong_start(
    mei: User, ada: User, consultation: Service, starts: str
) -> None:
    sent = {
        "agent": str(ada.pk),
        "starts": starts,
        "weeks": "2",
        "date": [written(house.tomorrow())],
    }
    answer = house.signed_in(mei).post(f"/book/{consultation.pk}/series/", sent)
    assert answer.status_code == 400
    assert "does not name a time" in text(answer)
    assert not Appointment.objects.exists()


def test_it_takes_no_series_of_a_form_that_is_wrong(
    mei: User, ada: User, consultation: Service
) -> None:
    sent = choice(ada, house.tomorrow(), weeks="99", date=[written(house.tomorrow())])
    answer = house.signed_in(mei).post(f"/book/{consultation.pk}/series/", sent)
    assert answer.status_code == 400
    assert "out of date" in text(answer)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("starts", "words"),
    [("2026-01-01T10:00:00Z", "already passed"), ("9999-12-31T23:59:59Z", "does not name a time")],
)
def test_it_proposes_no_series_from_a_time_that_cannot_be(
    mei: User, ada: User, consultation: Service, starts: str, words: str
) -> None:
    sent = {"agent": str(ada.pk), "starts": starts, "weeks": "3"}
    answer = house.signed_in(mei).post(f"/book/{consultation.pk}/confirm/", sent)
    assert answer.status_code == 400
    assert words in text(answer)


def test_an_offer_is_let_go_only_by_word(mei: User, ada: User, consultation: Service) -> None:
    client = house.signed_in(mei)
    waits(client, consultation)
    offer = SlotOffer.objects.get()
    for answer in ("", "typo"):
        client.post(f"/offers/{offer.pk}/", {"answer": answer})
        offer.refresh_from_db()
        assert offer.state == "open"
    client.post(f"/offers/{offer.pk}/", {"answer": "decline"})
    offer.refresh_from_db()
    assert offer.state == "declined"


@pytest.mark.parametrize("weeks", ["0", "13", "-1", "x"])
def test_it_repeats_no_wrong_number_of_times(
    mei: User, ada: User, consultation: Service, weeks: str
) -> None:
    sent = choice(ada, house.tomorrow(), weeks=weeks)
    answer = house.signed_in(mei).post(f"/book/{consultation.pk}/confirm/", sent)
    assert answer.status_code == 400
    assert not Appointment.objects.exists()


def test_a_reason_that_is_too_long_keeps_what_was_written(
    mei: User, ada: User, consultation: Service
) -> None:
    sent = choice(ada, house.tomorrow(), reason="y" * 501)
    answer = house.signed_in(mei).post(f"/book/{consultation.pk}/confirm/", sent)
    assert answer.status_code == 400
    assert "y" * 501 in text(answer)


# --- Waiting list ---------------------------------------------------------------------------------
def waits(client: Client, service: Service, **changes: str) -> object:
    today = timezone.localdate(timezone=ZoneInfo("Europe/Berlin"))
    days = {"from_date": f"{today}", "until_date": f"{today + timedelta(days=5)}"}
    return client.post(f"/book/{service.pk}/waiting/", {**days, **changes})


def test_it_waits_and_takes_what_becomes_free(
    visit: Appointment, ada: User, consultation: Service
) -> None:
    ada.availability.all().delete()
    start = visit.starts_at
    house.hours(ada, start.weekday(), start.time(), (start + timedelta(minutes=30)).time())
    sam = house.person("sam")
    client = house.signed_in(sam)
    assert waits(client, consultation)["Location"] == "/home/"  # type: ignore[index]
    assert "waiting list" in text(client.get("/home/"))
    changing.cancel(visit, ada)
    offer = SlotOffer.objects.get()
    assert f"/offers/{offer.pk}/" in text(client.get("/home/"))
    assert "Take this time" in text(client.get(f"/offers/{offer.pk}/"))
    answer = client.post(f"/offers/{offer.pk}/", {"answer": "take"})
    assert answer["Location"] == f"/appointments/{Appointment.objects.get(patient=sam).pk}/"
    again = client.post(f"/offers/{offer.pk}/", {"answer": "take"}, follow=True)
    assert "You have taken this time" in text(again)


@pytest.mark.parametrize(
    "wrong",
    [
        {"from_date": "2020-01-01"},
        {"until_date": "2999-01-01"},
        {"from_date": "31.02.2027"},
        {"until_date": ""},
        {"agent": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_it_waits_on_no_impossible_days(
    mei: User, consultation: Service, wrong: dict[str, str]
) -> None:
    assert waits(house.signed_in(mei), consultation, **wrong).status_code == 400  # type: ignore[attr-defined]
    assert not WaitingListEntry.objects.exists()


def test_it_leaves_the_list(mei: User, ada: User, consultation: Service) -> None:
    ada.availability.all().delete()
    client = house.signed_in(mei)
    waits(client, consultation)
    entry = WaitingListEntry.objects.get()
    client.post(f"/waiting/{entry.pk}/leave/")
    entry.refresh_from_db()
    assert entry.state == "left"
    stranger = house.signed_in(house.person("sam"))
    assert stranger.post(f"/waiting/{entry.pk}/leave/").status_code == 404


# --- A service that is switched off between two steps ---------------------------------------------
@pytest.mark.parametrize("step", ["", "time/", "confirm/", "waiting/"])
def test_a_service_that_was_switched_off_leads_back_to_the_choice(
    mei: User, ada: User, consultation: Service, step: str
) -> None:
    consultation.is_active = False
    consultation.save()
    client = house.signed_in(mei)
    answers = [client.get(f"/book/{consultation.pk}/{step}", follow=True)]
    if step in ("confirm/", "waiting/"):
        sent = choice(ada, house.tomorrow())
        answers.append(client.post(f"/book/{consultation.pk}/{step}", sent, follow=True))
    for answer in answers:
        assert "This is not offered any more." in text(answer)
    assert not Appointment.objects.exists()
