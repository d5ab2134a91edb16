"""Recording by plan: it begins by itself when all agreed, never against a no, and says why not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEntry
from calls.models import (
    AdvanceConsent,
    Appointment,
    CallEvent,
    CallSession,
    Recording,
    StandingConsent,
)
from calls.services import ahead, consent, scheduled_recording
from calls.services.errors import ConsentMissing, WrongState
from calls.services.recording_plan import plan_of
from calls.services.scheduling import changing, places
from tests.booking import house
from tests.calls.test_capacity import admitted, other_call, running, tell
from tests.support.cast import TEXT_VERSION, Cast
from tests.support.race import at_once


@pytest.fixture
def planned(cast: Cast) -> Cast:
    """The service asks when a visit is booked."""
    cast.service.recording_policy = "booking"
    cast.service.save()
    return cast


def live(cast: Cast) -> None:
    admitted(cast)
    CallSession.objects.filter(pk=cast.call.pk).update(state="live", live_at=timezone.now())


def says(cast: Cast, who: User, *, granted: bool = True) -> None:
    ahead.say(cast.appointment, who, granted=granted, text_version=TEXT_VERSION)


def states(recording: Recording) -> dict[str, str]:
    rows = recording.consents.select_related("participant")
    return {row.participant.role: row.state for row in rows}


def sentences(cast: Cast, viewer: User) -> str:
    appointment = Appointment.objects.get(pk=cast.appointment.pk)
    return " ".join(str(one) for one in plan_of(appointment, viewer).sentences)


def test_it_begins_by_itself_when_all_agreed(planned: Cast) -> None:
    says(planned, planned.mei)
    ahead.agree_to_all(planned.ada, text_version=TEXT_VERSION)
    assert "starts by itself" in sentences(planned, planned.mei)
    assert scheduled_recording.sweep() == 0
    live(planned)
    assert scheduled_recording.sweep() == 1
    recording = planned.call.recordings.get()
    assert (recording.state, recording.asked_by) == ("queued", None)
    assert states(recording) == {"patient": "given", "agent": "given"}
    told = CallEvent.objects.filter(call=planned.call).order_by("seq")
    assert [fact.kind for fact in told] == [
        "record_asked",
        "consent_given",
        "consent_given",
        "recording_queued",
    ]
    assert "on its way" in sentences(planned, planned.mei)


def test_it_asks_whoever_has_not_said_anything(planned: Cast) -> None:
    says(planned, planned.mei)
    live(planned)
    assert scheduled_recording.sweep() == 1
    recording = planned.call.recordings.get()
    assert recording.state == "asking"
    assert states(recording) == {"patient": "given", "agent": "asked"}
    agent = planned.call.participants.get(role="agent")
    consent.answer(granted=True, text_version=TEXT_VERSION, by=agent, ref="r1")
    recording.refresh_from_db()
    assert recording.state == "queued"


def test_it_begins_nothing_against_a_no(planned: Cast) -> None:
    says(planned, planned.mei, granted=False)
    ahead.agree_to_all(planned.ada, text_version=TEXT_VERSION)
    live(planned)
    assert scheduled_recording.sweep() == 0
    assert not Recording.objects.exists()
    assert sentences(planned, planned.mei) == "It is not recorded, because you said no."
    assert sentences(planned, planned.ada) == "It is not recorded, because Mei Lin said no."


def test_a_scheduler_that_was_down_begins_when_it_is_back(planned: Cast) -> None:
    says(planned, planned.mei)
    ahead.agree_to_all(planned.ada, text_version=TEXT_VERSION)
    live(planned)
    long_ago = timezone.now() - timedelta(minutes=9)
    CallSession.objects.filter(pk=planned.call.pk).update(live_at=long_ago)
    assert scheduled_recording.sweep() == 1
    assert planned.call.recordings.get().state == "queued"


def test_it_says_nothing_of_agreement_while_one_of_a_group_refuses(planned: Cast) -> None:
    CallSession.objects.filter(pk=planned.call.pk).update(capacity=2)
    planned.call.refresh_from_db()
    eve = house.person("eve")
    other = places.give_place(planned.call, eve, zone=eve.zone, booked_by=eve)
    says(planned, planned.mei)
    ahead.agree_to_all(planned.ada, text_version=TEXT_VERSION)
    assert "Others are still asked" in sentences(planned, planned.mei)
    ahead.say(other, eve, granted=False, text_version=TEXT_VERSION)
    assert sentences(planned, planned.mei) == "It is not recorded, because somebody said no."
    ahead.say(other, eve, granted=True, text_version=TEXT_VERSION)
    assert "Everybody agreed" in sentences(planned, planned.mei)


def test_only_the_words_of_those_in_the_visit_count(planned: Cast) -> None:
    """Ada said yes; the visit then goes to Tom, who was never asked."""
    says(planned, planned.mei)
    says(planned, planned.ada)
    assert "Everybody agreed" in sentences(planned, planned.mei)
    tom = house.agent("tom", service=planned.service)
    later = house.tomorrow() + timedelta(hours=5)
    changing.move(planned.appointment, tom, starts_at=later, zone=tom.zone, by=planned.ada)
    assert "Tom is still asked" in sentences(planned, planned.mei)
    assert "if you agree" in sentences(planned, tom)


def test_a_no_of_one_in_several_places_counts(planned: Cast) -> None:
    CallSession.objects.filter(pk=planned.call.pk).update(capacity=2)
    planned.call.refresh_from_db()
    eve = house.person("eve")
    other = places.give_place(planned.call, eve, zone=eve.zone, booked_by=eve)
    says(planned, planned.mei)
    says(planned, planned.ada, granted=False)
    ahead.say(other, eve, granted=True, text_version=TEXT_VERSION)
    ahead.say(other, planned.ada, granted=True, text_version=TEXT_VERSION)
    assert "somebody said no" in sentences(planned, planned.mei)
    assert "you said no" in sentences(planned, planned.ada)


def test_the_last_word_counts(planned: Cast) -> None:
    says(planned, planned.mei, granted=False)
    says(planned, planned.mei)
    ahead.agree_to_all(planned.ada, text_version=TEXT_VERSION)
    ahead.take_back(planned.ada)
    live(planned)
    assert scheduled_recording.sweep() == 1
    assert states(planned.call.recordings.get()) == {"patient": "given", "agent": "asked"}
    assert not StandingConsent.objects.exists()


def test_it_begins_once_however_many_schedulers_ask(planned: Cast) -> None:
    says(planned, planned.mei)
    live(planned)
    at_once([scheduled_recording.sweep] * 6)
    assert Recording.objects.count() == 1


def test_it_does_not_overrule_a_stop(planned: Cast) -> None:
    says(planned, planned.mei)
    says(planned, planned.ada)
    live(planned)
    scheduled_recording.sweep()
    patient = planned.call.participants.get(role="patient")
    consent.answer(granted=False, text_version=TEXT_VERSION, by=patient, ref="r1")
    assert scheduled_recording.sweep() == 0
    assert Recording.objects.count() == 1
    assert "withdrew" in sentences(planned, planned.ada)


@pytest.mark.parametrize("policy", ["never", "ask"])
def test_it_begins_nothing_that_is_not_planned(cast: Cast, policy: str) -> None:
    cast.service.recording_policy = policy
    cast.service.save()
    live(cast)
    assert scheduled_recording.sweep() == 0
    assert not Recording.objects.exists()


@pytest.mark.parametrize(("own", "begins"), [("never", 0), ("booking", 1)])
def test_the_visits_own_policy_goes_before(cast: Cast, own: str, begins: int) -> None:
    cast.service.recording_policy = "ask" if begins else "booking"
    cast.service.save()
    Appointment.objects.filter(pk=cast.appointment.pk).update(recording_policy=own)
    live(cast)
    assert scheduled_recording.sweep() == begins


def test_it_waits_for_room_and_notes_why(planned: Cast) -> None:
    says(planned, planned.mei)
    says(planned, planned.ada)
    live(planned)
    tell(room=1)
    running(other_call(planned))
    assert [scheduled_recording.sweep(), scheduled_recording.sweep()] == [0, 0]
    [noted] = AuditEntry.objects.filter(action="recording.plan")
    assert (noted.allowed, noted.data["reason"]) == (False, "Every recorder is busy.")
    tell("recorder@two", room=1)
    assert scheduled_recording.sweep() == 1


def test_it_waits_until_two_are_there(planned: Cast) -> None:
    says(planned, planned.mei)
    CallSession.objects.filter(pk=planned.call.pk).update(state="live", live_at=timezone.now())
    planned.call.participants.filter(role="agent").update(state="admitted")
    assert scheduled_recording.sweep() == 0


def test_nobody_agrees_to_an_unknown_text_or_afterwards(planned: Cast) -> None:
    with pytest.raises(ConsentMissing):
        ahead.say(planned.appointment, planned.mei, granted=True, text_version="none")
    with pytest.raises(ConsentMissing):
        ahead.agree_to_all(planned.ada, text_version="none")
    planned.appointment.state = "completed"
    with pytest.raises(WrongState):
        says(planned, planned.mei)
    assert not AdvanceConsent.objects.exists()


# --- On the visit's page ----------------------------------------------------------------------
def answer(client: Client, cast: Cast, word: str, version: str = TEXT_VERSION) -> str:
    page = client.post(
        f"/appointments/{cast.appointment.pk}/consent/",
        {"answer": word, "text_version": version},
        follow=True,
    )
    return " ".join(page.content.decode().split())


def test_people_answer_on_the_page_of_the_visit(planned: Cast) -> None:
    mei, ada = house.signed_in(planned.mei), house.signed_in(planned.ada)
    assert "Your answer is saved" in answer(mei, planned, "no")
    assert AdvanceConsent.objects.get().granted is False
    assert "starts by itself" not in answer(mei, planned, "yes")
    assert "starts by itself" in answer(ada, planned, "always")
    assert StandingConsent.objects.get().person == planned.ada
    assert "Your answer is saved" in answer(ada, planned, "ask")
    assert not StandingConsent.objects.exists()


@pytest.mark.parametrize(
    ("word", "version"), [("maybe", TEXT_VERSION), ("", TEXT_VERSION), ("yes", "none")]
)
def test_it_takes_no_wrong_answer(planned: Cast, word: str, version: str) -> None:
    assert "could not be saved" in answer(house.signed_in(planned.mei), planned, word, version)
    assert not AdvanceConsent.objects.exists()


def test_a_patient_gives_no_standing_word(planned: Cast) -> None:
    assert "could not be saved" in answer(house.signed_in(planned.mei), planned, "always")
    assert not StandingConsent.objects.exists()


def test_nobody_else_answers(planned: Cast) -> None:
    address = f"/appointments/{planned.appointment.pk}/consent/"
    said = {"answer": "yes", "text_version": TEXT_VERSION}
    for stranger in (planned.sam, planned.tomas):
        assert house.signed_in(stranger).post(address, said).status_code == 404
    assert house.signed_in(planned.mei).get(address).status_code == 405
    assert Client().post(address, said).status_code == 404


def test_it_asks_while_booking(planned: Cast) -> None:
    house.hours(
        planned.ada,
        house.tomorrow().weekday(),
        house.tomorrow().time(),
        house.tomorrow().replace(hour=12).time(),
    )
    client = house.signed_in(planned.mei)
    address = f"/book/{planned.service.pk}/confirm/"
    sent = {"agent": str(planned.ada.pk), "starts": house.tomorrow().isoformat()}
    refused = client.post(address, sent)
    assert refused.status_code == 400
    client.post(address, {**sent, "recording": "yes", "text_version": TEXT_VERSION})
    booked = Appointment.objects.get(starts_at=house.tomorrow())
    word = AdvanceConsent.objects.get(appointment=booked)
    assert (word.granted, word.text_version, word.person) == (True, TEXT_VERSION, planned.mei)
