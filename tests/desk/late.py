"""A booked visit whose agent has not come, and a queue to which it falls back."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Role, User
from calls.desk.states import RingState
from calls.models import (
    Appointment,
    Handling,
    Leg,
    Participant,
    QueueEntry,
    QueueOffer,
    Service,
)
from calls.services import changes, lifecycle
from calls.services.desk import offers, sweeping, waiting
from calls.services.lifecycle import Enter
from calls.states import LegState, ParticipantState
from tests.desk import house
from tests.support.cast import visit as booked


class Late:
    """Mei has been in the waiting room since her visit with Dr. Ada began six minutes ago; Tomas
    is at the desk of the queue to which her service falls back."""

    def __init__(self, *, minutes: int = 6, capacity: int = 1, at_desk: bool = True) -> None:
        self.mei, self.ada = house.person("Mei Lin", Role.PATIENT), house.person("Ada Brandt")
        self.tomas = house.person("Tomas Ruiz")
        self.queue = house.queue(self.tomas, name="Cover")
        if at_desk:
            house.sit_down(self.tomas)
        self.service = Service.objects.create(
            name="Consultation",
            duration_minutes=30,
            capacity=capacity,
            fallback_queue=self.queue,
        )
        self.began = timezone.now() - timedelta(minutes=minutes)
        self.visit = booked(self.mei, self.ada, self.service, starts_at=self.began)
        Appointment.objects.filter(pk=self.visit.pk).update(reason="A lump in the breast")
        self.call = self.visit.call
        self.wait()

    def wait(self, *, secs: int = 120) -> Leg:
        """Mei's page is past the device check, and she has waited for so long."""
        now = timezone.now()
        since = now - timedelta(seconds=secs)
        place = self.place(self.mei)
        Participant.objects.filter(pk=place.pk).update(
            state=ParticipantState.WAITING, waiting_since=since
        )
        return Leg.objects.create(participant=place, seen_at=now, entered_at=since)

    def leave(self) -> None:
        """Mei's page is gone for so long that her place in line is given up."""
        Leg.objects.filter(participant=self.place(self.mei)).update(
            state=LegState.CLOSED, closed_at=timezone.now()
        )
        waiting.sweep()
        QueueEntry.objects.update(away_since=timezone.now() - waiting.PLACE_KEPT)

    def place(self, user: User) -> Participant:
        return Participant.objects.get(call=self.call, user=user)

    def open_page(self, agent: User) -> Leg:
        """The agent's page of the call, in its device check."""
        return Leg.objects.create(participant=self.place(agent), seen_at=timezone.now())

    def enter(self, agent: User) -> None:
        place, leg = self.place(agent), self.open_page(agent)
        [seq] = changes.carry_out([Enter(self.call.pk, place.pk, leg.pk, "enter")])
        assert isinstance(seq, int)

    @property
    def entry(self) -> QueueEntry:
        return QueueEntry.objects.get(call=self.call)

    @property
    def state(self) -> str:
        return Appointment.objects.get(pk=self.visit.pk).state

    def accepted(self) -> Handling:
        """Tomas has taken the visit, and is in the call."""
        sweeping.sweep()
        offers.accept(self.tomas, QueueOffer.objects.get(state=RingState.RINGING).pk)
        self.enter(self.tomas)
        return Handling.objects.get(agent=self.tomas)

    def end(self, by: User) -> None:
        lifecycle.end(by=self.place(by), ref="end")
