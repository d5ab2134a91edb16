"""A conversation of the desk, and what became of it."""

from django.utils import timezone

from accounts.models import User
from calls.models import DeskAgent, Handling, Leg, Participant, QueueEntry
from calls.protocol import Fact
from calls.services.desk import offers
from calls.services.news import history
from calls.states import ParticipantState
from tests.desk import house


class Conversation:
    """Ada speaks with Mei of Billing; Tomas is at the desk too."""

    def __init__(self) -> None:
        self.ada, self.tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
        self.billing = house.queue(self.ada, self.tomas)
        house.sit_down(self.ada, idle_secs=90)
        self.mei = house.come(self.billing, waited_secs=30)
        offers.accept(self.ada, house.offered(self.mei).pk)
        self.enter(self.ada)
        house.sit_down(self.tomas)

    def enter(self, agent: User) -> Leg:
        """The agent's page is in the call."""
        place = house.agent_place(self.mei, agent)
        Participant.objects.filter(pk=place.pk).update(
            state=ParticipantState.ADMITTED, admitted_at=timezone.now()
        )
        now = timezone.now()
        return Leg.objects.create(participant=place, seen_at=now, entered_at=now)

    @property
    def entry(self) -> QueueEntry:
        return QueueEntry.objects.get(pk=self.mei.pk)

    def is_held(self) -> bool:
        place = Participant.objects.get(call=self.mei.call, user=self.mei.person)
        return place.held_at is not None

    def told(self) -> list[Fact]:
        """What Mei's page has been told."""
        place = Participant.objects.get(call=self.mei.call, user=self.mei.person)
        return history(place, 0)

    def state_of(self, agent: User) -> str:
        return DeskAgent.objects.get(user=agent).state

    def part_of(self, agent: User) -> Handling:
        return Handling.objects.get(entry=self.mei, agent=agent)
