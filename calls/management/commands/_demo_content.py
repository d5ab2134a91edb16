"""What the demo shows: people, services, hours, and the text about recording."""

from dataclasses import dataclass
from datetime import time

from accounts.models import Role
from calls.models import QuestionKind, RecordingPolicy

PASSWORD = "parlour-demo"  # noqa: S105  printed by the command, for a demo on localhost only
WHAT_TO_TRY = (
    "To try a visit, sign in as patient@example.com in one browser and as agent@example.com\n"
    "in another (or a private window): both have a visit that can be joined now. Whoever is not\n"
    "signed in finds a queue on the first page, which agents answer at their desk."
)


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    role: Role
    time_zone: str


@dataclass(frozen=True)
class QuestionContent:
    label: str
    kind: QuestionKind = QuestionKind.TEXT
    help_text: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServiceContent:
    name: str
    description: str
    minutes: int
    agents: tuple[str, ...]
    recording: RecordingPolicy = RecordingPolicy.ASK
    capacity: int = 1
    questions: tuple[QuestionContent, ...] = ()


@dataclass(frozen=True)
class Text:
    version: str
    language: str
    title: str
    body: str


PEOPLE = (
    Person("patient@example.com", "Mei Lin", Role.PATIENT, "Europe/Berlin"),
    Person("patient2@example.com", "Sam Okafor", Role.PATIENT, "Europe/London"),
    Person("agent@example.com", "Dr. Ada Brandt", Role.AGENT, "Europe/Berlin"),
    Person("agent2@example.com", "Dr. Tomas Ruiz", Role.AGENT, "America/New_York"),
    Person("supervisor@example.com", "Ines Falk", Role.SUPERVISOR, "Europe/Berlin"),
    Person("admin@example.com", "Kai Admin", Role.ADMINISTRATOR, "Europe/Berlin"),
)

BOTH = ("agent@example.com", "agent2@example.com")
SERVICES = (
    ServiceContent(
        "General consultation",
        "A new complaint, a question about your health, or a first talk about what to do next.",
        30,
        BOTH,
        questions=(
            QuestionContent("Since when have you had it?", help_text="A guess will do."),
            QuestionContent(
                "Do you take any medicine?",
                QuestionKind.CHOICE,
                choices=("No", "Yes, every day", "Yes, now and then"),
            ),
            QuestionContent(
                "A picture, if there is something to see",
                QuestionKind.FILE,
                "A photograph of your skin, or of a letter from another doctor.",
            ),
        ),
    ),
    ServiceContent(
        "Follow-up",
        "How you have been since the last visit, and your results explained.",
        15,
        BOTH,
    ),
    ServiceContent(
        "Medication review",
        "All that you take, what it is for, and how it agrees with you. Have the packets at hand.",
        20,
        ("agent@example.com",),
    ),
    ServiceContent(
        "Counselling",
        "Time to talk in confidence. These visits are never recorded.",
        50,
        ("agent@example.com",),
        RecordingPolicy.NEVER,
    ),
    ServiceContent(
        "Second opinion",
        "Another doctor looks at your case. You are asked beforehand whether it may be recorded.",
        45,
        ("agent2@example.com",),
        RecordingPolicy.BOOKING,
    ),
    ServiceContent(
        "Breathing class",
        "Exercises for a calm breath, in a group of up to three.",
        40,
        ("agent@example.com",),
        capacity=3,
    ),
)

NOTE = """\
It was good to hear that you sleep better.

Please go on with the evening walk, and write down how you sleep for two weeks. We look at it \
together next time."""

# Around the clock, so that whoever tries the demo finds a visit within half an hour.
HOURS = (
    ("agent@example.com", range(7), time(0), time(23, 59)),
    ("agent2@example.com", range(5), time(9), time(17)),
)

CONSENT_TEXTS = (
    Text(
        "recording-2026-11",
        "en",
        "May this visit be recorded?",
        """\
The person you are visiting asks to record the picture and sound of this visit. It is your choice.

What is recorded: your picture and sound from the moment you agree, and theirs. Written messages \
of the visit are kept beside it.

Who can see it: you, the person you are visiting, and the few people here who are answerable for \
the quality of care. Every time somebody opens the recording, that is noted.

How it is kept: encrypted, on the computers of this practice, for as long as the practice's rules \
for records say. Ask us at any time how long that is.

You can change your mind: stop agreeing at any time during the visit, and from that moment \
nothing more of you is recorded. What was recorded before stays in the record; you can ask us \
to delete it.

Your care does not depend on it: if you say no, the visit goes on exactly as it would have.""",
    ),
    Text(
        "recording-2026-11",
        "zh-hans",
        "是否同意录制本次问诊？",
        """\
与您视频的医务人员希望录制本次问诊的画面和声音。是否同意，完全由您决定。

录制内容：自您同意之时起您的画面和声音，以及对方的画面和声音。问诊中的文字消息会一并保存。

谁可以查看：您本人、与您视频的医务人员，以及本机构负责医疗质量的少数人员。每一次查看都会留下记录。

如何保存：录像经加密后保存在本机构的计算机上，保存期限按照本机构的病历管理规定执行。您可以随时向我们询问具体期限。

您可以随时改变主意：在问诊过程中，您可以随时撤回同意。自撤回之时起，将不再录制您的任何内容。\
此前已录制的部分会保留在记录中，您可以要求我们删除。

是否同意不影响您的诊疗：如果您不同意，问诊将照常进行，不会有任何不同。""",
    ),
)
