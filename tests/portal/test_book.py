"""The four steps of booking, walked without scripts, and every way to go wrong in them."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import ConsentText, Role, User
from calls.models import AdvanceConsent, Appointment, Service
from calls.services.scheduling import booking
from tests.booking import house
from tests.booking.house import choice, text, written

pytestmark = pytest.mark.django_db


def steps(service: Service) -> list[str]:
    return ["/book/", *(f"/book/{service.pk}/{step}" for step in ("", "time/", "confirm/"))]


def test_it_sends_the_anonymous_to_sign_in(consultation: Service) -> None:
    for path in steps(consultation):
        answer = Client().get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/account/login/?next={path}")


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_it_asks_staff_for_whom_they_book(consultation: Service, ada: User, role: Role) -> None:
    client = house.signed_in(house.person("other", role))
    for path in steps(consultation):
        assert client.get(path)["Location"] == "/book/for/"
    choice = {"agent": ada.pk, "starts": written(house.tomorrow())}
    assert client.post(steps(consultation)[3], choice).status_code == 403
    assert not Appointment.objects.exists()


def test_it_leads_from_the_service_to_a_booked_visit(
    mei: User, ada: User, consultation: Service
) -> None:
    house.agent("tomas", service=consultation)
    client = house.signed_in(mei)
    path = f"/book/{consultation.pk}/"
    assert f'href="{path}"' in text(client.get("/book/"))
    assert f'href="{path}time/?agent={ada.pk}"' in text(client.get(path))
    times = text(client.get(f"{path}time/?agent={ada.pk}"))
    slot = re.search(r'class="slot" href="([^"]+)"', times)
    assert slot is not None
    confirm = text(client.get(slot[1].replace("&amp;", "&")))
    fields = dict(
        re.findall(r'<input type="hidden" name="(starts|agent)" value="([^"]+)"', confirm)
    )
    answer = client.post(f"{path}confirm/", fields, follow=True)
    booked = Appointment.objects.get()
    assert answer.redirect_chain == [(f"/appointments/{booked.pk}/", 302)]
    assert "Your visit is booked." in text(answer)
    assert (booked.agent, booked.patient, booked.booked_zone) == (ada, mei, "Europe/Berlin")


def test_it_skips_the_choice_of_one_person(mei: User, ada: User, consultation: Service) -> None:
    answer = house.signed_in(mei).get(f"/book/{consultation.pk}/")
    assert answer["Location"] == f"/book/{consultation.pk}/time/?agent={ada.pk}"


def test_it_books_with_whoever_is_free(mei: User, ada: User, consultation: Service) -> None:
    choice = {"starts": written(house.tomorrow())}
    house.signed_in(mei).post(f"/book/{consultation.pk}/confirm/", choice)
    assert Appointment.objects.get().agent == ada


def test_it_says_that_a_time_is_taken_and_shows_the_next(
    mei: User, ada: User, consultation: Service
) -> None:
    sam = house.person("sam")
    booking.book(sam, ada, service=consultation, starts_at=house.tomorrow(), zone=sam.zone)
    client = house.signed_in(mei)
    choice = {"agent": str(ada.pk), "starts": written(house.tomorrow())}
    for answer in (
        client.post(f"/book/{consultation.pk}/confirm/", choice),
        client.get(f"/book/{consultation.pk}/confirm/", choice),
    ):
        assert answer.status_code == 409
        assert "Somebody else has just taken this time" in text(answer)
        assert text(answer).count('class="slot"') == 6


def test_it_takes_the_same_form_twice_as_once(mei: User, ada: User, consultation: Service) -> None:
    client = house.signed_in(mei)
    choice = {"agent": str(ada.pk), "starts": written(house.tomorrow())}
    first = client.post(f"/book/{consultation.pk}/confirm/", choice)
    second = client.post(f"/book/{consultation.pk}/confirm/", choice)
    assert first["Location"] == second["Location"]
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("starts", "words"),
    [
        ("", "does not name a time"),
        ("tomorrow", "does not name a time"),
        ("2026-02-30T10:00:00Z", "does not name a time"),
        ("2020-01-01T10:00:00Z", "already passed"),
        ("0001-01-01T00:00:00+14:00", "does not name a time"),
        ("9999-12-31T23:59:59-14:00", "does not name a time"),
        ("0001-01-01T00:00:00Z", "does not name a time"),
        ("9999-12-31T23:59:59Z", "does not name a time"),
        ("\x00", "does not name a time"),
    ],
)
def test_it_explains_a_time_that_nobody_offered(
    mei: User, consultation: Service, method: str, starts: str, words: str
) -> None:
    ask = getattr(house.signed_in(mei), method)
    answer = ask(f"/book/{consultation.pk}/confirm/", {"starts": starts})
    assert answer.status_code == 400
    assert words in text(answer)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("agent", ["nobody", "0b5f6c1e-6a53-4a54-9d0c-0c9a1c9b7d11"])
def test_it_explains_a_person_that_nobody_offered(
    mei: User, consultation: Service, agent: str
) -> None:
    choice = {"starts": written(house.tomorrow()), "agent": agent}
    client = house.signed_in(mei)
    assert client.post(f"/book/{consultation.pk}/confirm/", choice).status_code == 400
    times = client.get(f"/book/{consultation.pk}/time/", choice)
    assert times.status_code == 400
    assert 'class="slot"' in text(times)


@pytest.mark.parametrize("day", ["2020-01-01", "9999-12-31", "0001-01-01", "nonsense"])
def test_it_shows_times_whatever_day_is_asked_for(
    mei: User, consultation: Service, day: str
) -> None:
    answer = house.signed_in(mei).get(f"/book/{consultation.pk}/time/", {"day": day})
    assert answer.status_code == (400 if day == "nonsense" else 200)
    assert 'class="slot"' in text(answer)


@pytest.mark.parametrize("change", [{"is_active": False}, {"agents": []}])
def test_it_has_no_pages_for_what_is_not_offered(
    mei: User, consultation: Service, change: dict[str, object]
) -> None:
    consultation.is_active = "agents" in change
    consultation.save()
    if "agents" in change:
        consultation.agents.clear()
    client = house.signed_in(mei)
    assert "Nothing can be booked at the moment" in text(client.get("/book/"))
    for path in steps(consultation)[1:]:
        assert client.get(path)["Location"].startswith("/book/?")
    assert client.get(f"/book/{uuid4()}/").status_code == 404


def test_it_says_when_nobody_has_time(mei: User, consultation: Service) -> None:
    consultation.agents.set([house.person("tomas", Role.AGENT)])
    answer = house.signed_in(mei).get(f"/book/{consultation.pk}/time/")
    assert "Everything is taken for now" in text(answer)


def test_it_books_only_by_post_with_the_forms_own_token(
    mei: User, ada: User, consultation: Service
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mei, backend="django.contrib.auth.backends.ModelBackend")
    choice = {"agent": str(ada.pk), "starts": written(house.tomorrow())}
    assert client.post(f"/book/{consultation.pk}/confirm/", choice).status_code == 403
    assert client.get(f"/book/{consultation.pk}/confirm/", choice).status_code == 200
    assert client.put(f"/book/{consultation.pk}/confirm/", choice).status_code in (403, 405)
    assert not Appointment.objects.exists()


def test_it_asks_the_database_no_more_for_many_visits_and_people(
    mei: User, ada: User, consultation: Service, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        other = house.agent(f"agent{number}", service=consultation)
        guest = house.person(f"guest{number}")
        house.visit(guest, other, of=consultation, starts_at=house.tomorrow())
    client = house.signed_in(mei)
    last = f"/book/{consultation.pk}/confirm/?agent={ada.pk}&starts={written(house.tomorrow())}"
    for path in (*steps(consultation)[:3], last):
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            assert client.get(path).status_code == 200


def test_it_keeps_no_consent_to_a_text_that_nobody_wrote(mei: User, ada: User) -> None:
    text_one = ConsentText.objects.create(version="1", language="en", title="Recording", body="Why")
    service = house.service("Recorded", recording_policy="booking")
    service.agents.add(ada)
    sent = choice(ada, house.tomorrow(), recording="yes", text_version="forged")
    client = house.signed_in(mei)
    answer = client.post(f"/book/{service.pk}/confirm/", sent)
    assert answer.status_code == 400
    assert "Please read the text about recording" in text(answer)
    assert not Appointment.objects.exists()
    sent["text_version"] = text_one.version
    assert client.post(f"/book/{service.pk}/confirm/", sent).status_code == 302
    assert AdvanceConsent.objects.get().text_version == "1"
