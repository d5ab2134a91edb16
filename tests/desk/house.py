"""A small house with a desk: one queue, its agents, and people who need somebody now."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import Role, User
from calls.desk.states import AgentState
from calls.models import (
    CallSession,
    DeskAgent,
    Leg,
    Participant,
    ParticipantRole,
    Queue,
    QueueEntry,
    QueueOffer,
    Service,
)
from calls.services.desk import agents, arriving, routing
from calls.services.desk.arriving import Arrival
from calls.states import LegState, ParticipantState


def person(name: str, role: Role = Role.AGENT) -> User:
    """Somebody whose address is made of their name."""
    email = f"{name.lower().replace(' ', '.')}@example.com"
    return User.objects.create_user(email, "a long enough password", display_name=name, role=role)


def queue(*people: User, name: str = "Billing", **fields: Any) -> Queue:
    """A queue that these agents answer, open day and night."""
    service = Service.objects.filter(name="Conversation").first() or Service.objects.create(
        name="Conversation", duration_minutes=15, is_active=False
    )
    made = Queue.objects.create(
        name=name, slug=name.lower().replace(" ", "-"), service=service, **fields
    )
    made.agents.set(people)
    return made


def sit_down(user: User, *, idle_secs: int = 0) -> DeskAgent:
    """The agent is at the desk with an open page, available, and idle for so long."""
    agents.desk_of(user)
    agents.see([user.pk])
    agents.choose(user, AgentState.AVAILABLE, by=user)
    idle_since = timezone.now() - timedelta(seconds=idle_secs)
    DeskAgent.objects.filter(user=user).update(idle_since=idle_since)
    return DeskAgent.objects.get(user=user)


def come(
    to: Queue, name: str = "Mei Lin", *, waited_secs: int = 0, is_there: bool = True, **said: Any
) -> QueueEntry:
    """A visitor in line, past the device check, who has waited for so long."""
    who = said.pop("person", None)
    entry = arriving.arrive(
        to, Arrival(name=name, **said), person=who, time_zone="UTC", language="en"
    )
    since = timezone.now() - timedelta(seconds=waited_secs)
    QueueEntry.objects.filter(pk=entry.pk).update(arrived_at=since, queued_at=since)
    if is_there:
        be_there(entry)
    entry.refresh_from_db()
    return entry


def crowd(to: Queue, count: int, **fields: Any) -> list[QueueEntry]:
    """So many visitors in line at once, past the device check; written in bulk."""
    now = timezone.now()
    people = User.objects.bulk_create(
        User(email=f"{uuid4().hex}@guests.invalid", display_name="Guest", role=Role.GUEST)
        for _ in range(count)
    )
    rooms = CallSession.objects.bulk_create(
        CallSession(service_id=to.service_id) for _ in range(count)
    )
    places = Participant.objects.bulk_create(
        Participant(
            call=room,
            user=who,
            role=ParticipantRole.GUEST,
            state=ParticipantState.WAITING,
            waiting_since=now,
        )
        for room, who in zip(rooms, people, strict=True)
    )
    Leg.objects.bulk_create(Leg(participant=each, seen_at=now, entered_at=now) for each in places)
    return QueueEntry.objects.bulk_create(
        QueueEntry(queue=to, call=room, person=who, name="Guest", **fields)
        for room, who in zip(rooms, people, strict=True)
    )


def be_there(entry: QueueEntry) -> Leg:
    """The person's page is connected and past the device check."""
    place = Participant.objects.get(call=entry.call, user=entry.person)
    if place.state == ParticipantState.INVITED:
        Participant.objects.filter(pk=place.pk).update(
            state=ParticipantState.WAITING, waiting_since=timezone.now()
        )
    QueueEntry.objects.filter(pk=entry.pk).update(away_since=None)
    now = timezone.now()
    return Leg.objects.create(participant=place, seen_at=now, entered_at=now)


def go(entry: QueueEntry) -> None:
    """The person's page is closed, and its place in the call is given up."""
    legs = Leg.objects.filter(participant__call=entry.call, participant__user=entry.person)
    legs.update(state=LegState.CLOSED, closed_at=timezone.now())


def offered(entry: QueueEntry) -> QueueOffer:
    """What rings for the entry after a round of the router."""
    routing.run()
    return QueueOffer.objects.get(entry=entry, state="ringing")


def agent_place(entry: QueueEntry, agent: User) -> Participant:
    return Participant.objects.get(call=entry.call, user=agent, role=ParticipantRole.AGENT)
