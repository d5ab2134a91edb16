"""Who may delete a recording, with whom, and what happens when two are at it at once."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import AuditEntry
from calls.models import Deletion, ErasureCertificate, LegalHold, Recording, Service
from calls.services import deletion, erasure, holds
from calls.states import DeletionState, RecordingState
from tests.archive.kept import people, recording
from tests.support.cast import Cast
from tests.support.race import at_once

__all__ = ["people", "recording"]
# Real transactions: who is first is decided by the database.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def four_eyes(cast: Cast) -> None:
    Service.objects.update(deletion_needs_two=True)


def state_of(recording: Recording) -> str:
    recording.refresh_from_db()
    return recording.state


def purposes(action: str) -> list[str]:
    return [it.data["purpose"] for it in AuditEntry.objects.filter(action=action)]


def test_it_erases_at_once_where_one_is_enough(
    people: tuple[User, User], recording: Recording
) -> None:
    wish = deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    assert (wish.state, state_of(recording)) == (DeletionState.DONE, RecordingState.ERASED)
    document = ErasureCertificate.objects.get().document
    assert document["by"] == [str(people[0].pk)]
    assert document["purpose"] == "asked by the patient"
    assert purposes("recording.erase") == ["asked by the patient"]


@pytest.mark.usefixtures("four_eyes")
def test_it_waits_for_a_second_person(people: tuple[User, User], recording: Recording) -> None:
    kai, noor = people
    wish = deletion.ask(kai, recording.pk, purpose="asked by the patient")
    assert (wish.state, state_of(recording)) == (DeletionState.ASKED, RecordingState.READY)
    done = deletion.agree(noor, wish.pk, purpose="I read the letter")
    assert (done.state, state_of(recording)) == (DeletionState.DONE, RecordingState.ERASED)
    assert ErasureCertificate.objects.get().document["by"] == [str(kai.pk), str(noor.pk)]
    assert purposes("recording.delete.agree") == ["I read the letter"]


@pytest.mark.usefixtures("four_eyes")
def test_it_does_not_let_who_asked_agree(people: tuple[User, User], recording: Recording) -> None:
    wish = deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    with pytest.raises(holds.NotYours):
        deletion.agree(people[0], wish.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deletion.objects.update(state=DeletionState.AGREED, decided_by=people[0])
    assert state_of(recording) == RecordingState.READY


@pytest.mark.usefixtures("four_eyes")
def test_it_keeps_what_was_refused(people: tuple[User, User], recording: Recording) -> None:
    wish = deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    deletion.refuse(people[1], wish.pk, purpose="the case is open")
    with pytest.raises(deletion.AlreadyDecided):
        deletion.agree(people[1], wish.pk)
    assert state_of(recording) == RecordingState.READY
    assert purposes("recording.delete.refuse") == ["the case is open"]


@pytest.mark.usefixtures("four_eyes")
def test_it_keeps_the_need_for_two_that_stood_when_it_was_asked(
    people: tuple[User, User], recording: Recording
) -> None:
    wish = deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    Service.objects.update(deletion_needs_two=False)
    with pytest.raises(holds.NotYours):
        deletion.agree(people[0], wish.pk)


@pytest.mark.usefixtures("four_eyes")
def test_it_has_one_open_wish(people: tuple[User, User], recording: Recording) -> None:
    deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    with pytest.raises(deletion.AlreadyDecided):
        deletion.ask(people[1], recording.pk, purpose="me too")


def test_it_deletes_nothing_under_a_hold(people: tuple[User, User], recording: Recording) -> None:
    holds.place(people[1], recording.pk, purpose="a case")
    with pytest.raises(holds.Held):
        deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    assert not Deletion.objects.exists()


@pytest.mark.usefixtures("four_eyes")
def test_it_refuses_open_wishes_when_a_hold_is_placed(
    people: tuple[User, User], recording: Recording
) -> None:
    wish = deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    hold = holds.place(people[1], recording.pk, purpose="a case")
    holds.lift(people[1], hold.pk, purpose="closed")
    with pytest.raises(deletion.AlreadyDecided):
        deletion.agree(people[1], wish.pk)


def test_it_holds_nothing_that_is_erased(people: tuple[User, User], recording: Recording) -> None:
    deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    with pytest.raises(holds.TooLate):
        holds.place(people[1], recording.pk, purpose="a case")


def test_it_lifts_a_hold_once(people: tuple[User, User], recording: Recording) -> None:
    hold = holds.place(people[0], recording.pk, purpose="a case")
    assert holds.lift(people[0], hold.pk, purpose="closed")
    assert not holds.lift(people[1], hold.pk, purpose="closed again")
    assert not holds.is_held(recording)


def test_it_stays_held_while_another_hold_stands(
    people: tuple[User, User], recording: Recording
) -> None:
    first = holds.place(people[0], recording.pk, purpose="a case")
    holds.place(people[1], recording.pk, purpose="another case")
    holds.lift(people[0], first.pk, purpose="closed")
    assert holds.is_held(recording)


@pytest.mark.usefixtures("four_eyes")
def test_it_has_one_effect_when_two_agree_at_once(
    people: tuple[User, User], recording: Recording
) -> None:
    wish = deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    answers = at_once([lambda: deletion.agree(people[1], wish.pk)] * 4)
    assert answers == {"Deletion": 1, "AlreadyDecided": 3}
    assert ErasureCertificate.objects.count() == 1


def test_it_erases_once_for_many_sweeps(people: tuple[User, User], recording: Recording) -> None:
    answers = at_once([lambda: erasure.erase(recording.pk, cause="retention")] * 4)
    assert answers == {"ErasureCertificate": 1, "TooLate": 3}
    assert ErasureCertificate.objects.count() == 1


@pytest.mark.parametrize("turn", range(3))
def test_it_lets_one_of_hold_and_erasure_win(
    people: tuple[User, User], recording: Recording, turn: int
) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: erasure.erase(recording.pk, cause="retention"),
        lambda: holds.place(people[0], recording.pk, purpose="a case"),
    ]
    answers = at_once(attempts[:: 1 if turn % 2 else -1])
    held = {"LegalHold": 1, "Held": 1}
    assert answers in (held, {"ErasureCertificate": 1, "TooLate": 1})
    assert LegalHold.objects.exists() == (answers == held)
    assert state_of(recording) == ("ready" if answers == held else "erased")
