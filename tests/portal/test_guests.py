"""Invitations: who may invite, whom a link brings in, and that nobody slips in by one."""

from uuid import UUID

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEntry
from calls.models import CallSession, GuestKind, Invitation, Participant
from calls.services import invitations, lifecycle
from calls.services.invitations import close_over
from calls.services.scheduling import changing
from tests.booking import house
from tests.booking.house import text
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


def invited(
    cast: Cast, *, by: User | None = None, name: str = "Aunt May"
) -> tuple[Invitation, str]:
    return invitations.invite(
        cast.appointment, by=by or cast.mei, name=name, kind=GuestKind.RELATIVE
    )


def place_of(invitation: Invitation) -> Participant:
    invitation.refresh_from_db()
    return Participant.objects.get(user=invitation.guest)


def test_a_patient_invites_and_gets_the_link_once(cast: Cast) -> None:
    client = house.signed_in(cast.mei)
    page = f"/appointments/{cast.appointment.pk}/guests/"
    made = text(
        client.post(page, {"name": "Aunt May", "kind": "relative", "email": "may@example.com"})
    )
    assert "/join/" in made
    invitation = Invitation.objects.get()
    assert (invitation.created_by, invitation.call) == (cast.mei, cast.call)
    [sent] = mail.outbox
    assert sent.to == ["may@example.com"]
    assert "/join/" in sent.body
    for hidden in (cast.service.name, "Mei Lin's"):
        assert hidden not in f"{sent.subject} {sent.body}"
    listed = text(client.get(page))
    assert "Aunt May" in listed
    assert "/join/" not in listed


def test_nobody_invites_to_a_visit_that_was_called_off(cast: Cast) -> None:
    changing.cancel(cast.appointment, cast.mei)
    page = f"/appointments/{cast.appointment.pk}/guests/"
    answer = house.signed_in(cast.mei).post(page, {"name": "Aunt May", "kind": "relative"})
    assert answer.status_code == 400
    assert "over or was called off" in text(answer)
    assert not Invitation.objects.exists()


def test_the_same_form_sent_twice_invites_once(cast: Cast) -> None:
    client = house.signed_in(cast.mei)
    page = f"/appointments/{cast.appointment.pk}/guests/"
    once = client.get(page).context["form"]["once"].value()
    sent = {"name": "Aunt May", "kind": "relative", "once": str(once)}
    assert "/join/" in text(client.post(page, sent))
    again = text(client.post(page, sent, follow=True))
    assert "This person is invited already." in again
    assert "/join/" not in again
    assert str(Invitation.objects.get().pk) == str(once)


def test_a_link_makes_its_browser_the_guest(cast: Cast) -> None:
    invitation, token = invited(cast)
    client = Client()
    assert "Mei Lin invites you" in text(client.get(f"/join/{token}/"))
    assert not Participant.objects.filter(role="guest").exists()
    answer = client.post(f"/join/{token}/", {"time_zone": "Asia/Shanghai"})
    assert answer["Location"] == f"/calls/{cast.call.pk}/"
    place = place_of(invitation)
    assert (place.role, place.state, place.call) == ("guest", "invited", cast.call)
    assert place.user
    assert (place.user.display_name, place.user.time_zone) == ("Aunt May", "Asia/Shanghai")
    page = text(client.get(f"/calls/{cast.call.pk}/"))
    assert "You come into the waiting room first" in page
    assert client.get(f"/join/{token}/")["Location"] == f"/calls/{cast.call.pk}/"


@pytest.mark.parametrize(
    "path",
    ["/home/", "/book/", "/recordings/", "/account/profile/", "/account/email/", "/admin/"],
)
def test_a_guest_sees_the_visit_and_nothing_else(cast: Cast, path: str) -> None:
    _invitation, token = invited(cast)
    client = Client()
    client.post(f"/join/{token}/")
    answer = client.get(path)
    assert answer.status_code in (302, 404)
    if answer.status_code == 302:
        assert answer["Location"] == "/guest/"
    assert client.get("/guest/")["Location"] == f"/calls/{cast.call.pk}/"


def test_a_guest_changes_nothing(cast: Cast) -> None:
    _invitation, token = invited(cast)
    client = Client()
    client.post(f"/join/{token}/")
    assert client.post(f"/appointments/{cast.appointment.pk}/cancel/").status_code == 403
    assert client.post("/account/email/", {"email": "x@example.com"}).status_code == 403


def test_a_link_opened_elsewhere_sends_the_first_away(cast: Cast) -> None:
    invitation, token = invited(cast)
    first, second = Client(), Client()
    first.post(f"/join/{token}/")
    before = place_of(invitation)
    Participant.objects.filter(pk=before.pk).update(state="admitted", admitted_at=timezone.now())
    second.post(f"/join/{token}/")
    before.refresh_from_db()
    assert before.state == "removed"
    assert before.user
    assert not User.objects.get(pk=before.user.pk).is_active
    assert place_of(invitation).state == "invited"
    away = first.get(f"/calls/{cast.call.pk}/")
    assert away.status_code == 404
    assert "it may be in use in another browser" in text(away)
    assert second.get(f"/calls/{cast.call.pk}/").status_code == 200


def test_a_withdrawn_link_is_dead_and_its_guest_gone(cast: Cast) -> None:
    invitation, token = invited(cast)
    client = Client()
    client.post(f"/join/{token}/")
    answer = house.signed_in(cast.ada).post(f"/invitations/{invitation.pk}/revoke/")
    assert answer.status_code == 302
    assert place_of(invitation).state == "removed"
    assert client.get(f"/calls/{cast.call.pk}/").status_code == 404
    assert Client().get(f"/join/{token}/").status_code == 404


def test_a_new_link_replaces_the_old(cast: Cast) -> None:
    invitation, token = invited(cast)
    page = text(house.signed_in(cast.mei).post(f"/invitations/{invitation.pk}/renew/"))
    assert "/join/" in page
    dead = Client().get(f"/join/{token}/")
    assert dead.status_code == 404
    assert "ask whoever invited you for another link" in text(dead)


def test_a_visit_holds_four_people(cast: Cast) -> None:
    invited(cast)
    invited(cast, name="Interpreter")
    client = house.signed_in(cast.mei)
    page = f"/appointments/{cast.appointment.pk}/guests/"
    answer = client.post(page, {"name": "Fifth", "kind": "relative"})
    assert answer.status_code == 400
    assert "No more people" in text(answer)
    assert Invitation.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "kind": "relative"},
        {"name": "x" * 121, "kind": "relative"},
        {"name": "May", "kind": "spy"},
        {"name": "May", "kind": "relative", "email": "rubbish"},
    ],
)
def test_it_invites_nobody_impossible(cast: Cast, wrong: dict[str, str]) -> None:
    page = f"/appointments/{cast.appointment.pk}/guests/"
    assert house.signed_in(cast.mei).post(page, wrong).status_code == 400
    assert not Invitation.objects.exists()


def test_only_the_two_invite_and_withdraw(cast: Cast) -> None:
    invitation, _token = invited(cast, by=cast.ada)
    page = f"/appointments/{cast.appointment.pk}/guests/"
    for stranger in (cast.sam, cast.tomas):
        client = house.signed_in(stranger)
        assert client.get(page).status_code == 404
        assert client.post(f"/invitations/{invitation.pk}/revoke/").status_code == 404
    # What the agent made is the agent's to withdraw.
    mei = house.signed_in(cast.mei)
    assert mei.post(f"/invitations/{invitation.pk}/revoke/").status_code == 404
    assert AuditEntry.objects.filter(action="invitation.revoke", allowed=False).count() == 3
    assert Client().get(page).status_code == 404


@pytest.mark.parametrize("token", ["x", "x" * 500, "%00", str(UUID(int=0))])
def test_a_guessed_link_is_nothing(cast: Cast, token: str) -> None:
    assert Client().get(f"/join/{token}/").status_code == 404


def test_a_link_of_a_visit_that_is_over_says_so(cast: Cast) -> None:
    invitation, token = invited(cast)
    guest = Client()
    guest.post(f"/join/{token}/")
    CallSession.objects.filter(pk=cast.call.pk).update(state="ended", ended_at=timezone.now())
    assert "This call is over" in text(Client().get(f"/join/{token}/"))
    assert "This call is over" in text(Client().post(f"/join/{token}/"))
    assert close_over() == 0
    assert "The visit has ended" in text(guest.get(f"/calls/{cast.call.pk}/"))
    CallSession.objects.filter(pk=cast.call.pk).update(
        ended_at=timezone.now() - 2 * invitations.KEPT_AFTER
    )
    assert close_over() == 1
    assert guest.get(f"/calls/{cast.call.pk}/").status_code == 404
    lifecycle.withdraw_place(place_of(invitation))


def test_a_link_is_not_opened_again_and_again(cast: Cast) -> None:
    _invitation, token = invited(cast)
    answers = [Client().post(f"/join/{token}/").status_code for _ in range(11)]
    assert answers == [302] * 10 + [429]
    assert Participant.objects.filter(role="guest").exclude(state="removed").count() == 1


def test_nobody_sends_links_without_end(cast: Cast) -> None:
    invitation, _token = invited(cast)
    client = house.signed_in(cast.mei)
    answers = [client.post(f"/invitations/{invitation.pk}/renew/").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]
