"""The desk of the demo: two queues, who answers them, and the texts that help."""

from dataclasses import dataclass
from datetime import time
from typing import Any

from accounts.models import User
from calls.models import (
    CannedReply,
    DeskAgent,
    Queue,
    QueueHours,
    RecordingPolicy,
    Service,
    Skill,
    WrapUpCode,
)

SERVICE = "Conversation"
LANGUAGES = ["en", "de", "zh-hans"]


@dataclass(frozen=True)
class QueueContent:
    name: str
    slug: str
    agents: tuple[str, ...]
    fields: dict[str, Any]
    preferred: tuple[str, ...] = ()
    hours: tuple[range, time, time] | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class AgentContent:
    email: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]


QUEUES = (
    QueueContent(
        "Front desk",
        "front-desk",
        ("agent@example.com", "agent2@example.com", "supervisor@example.com"),
        {
            "description": "Appointments, prescriptions, and what else you would ask there.",
            "greeting": "Hello! Tell us in a few words what you need.",
            "at_hand": "your insurance card.",
            "closing": "The front desk is closed.",
        },
        codes=("Appointment", "Prescription"),
    ),
    QueueContent(
        "Billing",
        "billing",
        ("agent2@example.com", "supervisor@example.com"),
        {
            "description": "Invoices, payments and refunds.",
            "media": "audio",
            "priority": 1,
            "greeting": "Have the number of your invoice at hand, if there is one.",
            "closing": "Billing answers on weekdays from 8 to 18.",
            "time_zone": "Europe/Berlin",
        },
        preferred=("Invoices",),
        hours=(range(5), time(8), time(18)),
        codes=("Invoice", "Refund"),
    ),
)
AGENTS = (
    AgentContent("agent@example.com", ("Prescriptions",), ("en", "de")),
    AgentContent("agent2@example.com", ("Invoices",), ("en",)),
    AgentContent("supervisor@example.com", ("Invoices", "Prescriptions"), ("en", "de", "zh-hans")),
)
CODES = ("Question answered", "Forwarded", "Wrong number")
REPLIES = (
    ("Hello", "Hello {name}, this is {agent}. How can I help you?"),
    ("One moment", "One moment please, I look it up."),
    ("Goodbye", "Is there anything else? If not, thank you for coming, {name}."),
)


def make_desk(people: dict[str, User]) -> None:
    """What is missing of it; a queue or an agent that is there keeps its changes."""
    service, _ = Service.objects.get_or_create(
        name=SERVICE,
        defaults={
            "description": "What people come into a queue for; nobody books it.",
            "duration_minutes": 15,
            "recording_policy": RecordingPolicy.ASK,
            "is_active": False,
        },
    )
    for content in QUEUES:
        make_queue(content, service, people)
    for agent in AGENTS:
        make_agent(agent, people[agent.email])
    for name in CODES:
        WrapUpCode.objects.get_or_create(name=name, queue=None)
    for title, text in REPLIES:
        CannedReply.objects.get_or_create(title=title, queue=None, defaults={"text": text})


def make_queue(content: QueueContent, service: Service, people: dict[str, User]) -> None:
    queue, is_new = Queue.objects.get_or_create(
        slug=content.slug,
        defaults={
            "name": content.name,
            "service": service,
            "languages": LANGUAGES,
            **content.fields,
        },
    )
    if not is_new:
        return
    queue.agents.set(people[email] for email in content.agents)
    queue.preferred_skills.set(skills(content.preferred))
    for name in content.codes:
        WrapUpCode.objects.create(name=name, queue=queue)
    if content.hours:
        weekdays, starts, ends = content.hours
        QueueHours.objects.bulk_create(
            QueueHours(queue=queue, weekday=day, starts=starts, ends=ends) for day in weekdays
        )


def make_agent(content: AgentContent, user: User) -> None:
    desk, is_new = DeskAgent.objects.get_or_create(
        user=user, defaults={"languages": list(content.languages)}
    )
    if is_new:
        desk.skills.set(skills(content.skills))


def skills(names: tuple[str, ...]) -> list[Skill]:
    return [Skill.objects.get_or_create(name=name)[0] for name in names]
