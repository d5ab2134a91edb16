"""The columns of reports: what each says, what it means, and its cells.

One declaration serves the page, where cells are words, and the file, where they are numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calls.desk.states import RingState
from calls.services.desk.figures.sheet import Cell
from calls.templatetags.figures import NONE, decimal, duration, percent

Text = str | Promise


def _plain(value: object) -> str:
    return NONE if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Column:
    """`cell` gives a row's value, `shown` makes words of it. `meaning` is "" where the title says
    it all."""

    title: Text
    cell: Callable[[Any], Any]
    meaning: Text = ""
    shown: Callable[[Any], str] = _plain

    @property
    def head(self) -> str:
        """The title for a file, with what its numbers are."""
        if self.shown is duration:
            return gettext("%(title)s (seconds)") % {"title": self.title}
        return f"{self.title} (%)" if self.shown is percent else str(self.title)

    def words(self, row: Any) -> str:
        return self.shown(self.cell(row))

    def number(self, row: Any) -> Cell:
        """The value for a file: whole seconds, percent with one decimal."""
        value: Cell = self.cell(row)
        if value is None or isinstance(value, str | int):
            return value
        if self.shown is duration:
            return round(value)
        return round(100 * value, 1) if self.shown is percent else round(value, 2)


def _day(value: str) -> str:
    return date_format(date.fromisoformat(value), gettext("D j M"))


def _flow(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row.flow, name)


def _work(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row.work, name)


def _content(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row.content, name)


def _offers(*states: RingState) -> Callable[[Any], int]:
    return lambda row: sum(row.offers.get(state.value, 0) for state in states)


# --- What became of people ------------------------------------------------------------------------
OFFERED = Column(
    _("Came"),
    _flow("offered"),
    _(
        "People who came to talk at once, on the day and in the queue where they were last. "
        "Call backs and letters are counted apart."
    ),
)
ANSWERED = Column(
    _("Answered"),
    _flow("answered"),
    _("Of those, with whom somebody spoke. Of an agent: those with whom this agent spoke last."),
)
IN_TARGET = Column(
    _("In time"),
    _flow("in_target"),
    _("Answered within the target of the queue, counted from the moment they came."),
)
LEVEL = Column(
    _("Service level"),
    _flow("service_level"),
    _(
        "Answered in time ÷ (answered + abandoned after the target + waiting beyond it). "
        "Who gave up before the target does not count."
    ),
    percent,
)
ABANDONED = Column(
    _("Abandoned"),
    _flow("abandoned"),
    _(
        "Gave up before anybody answered, after more than ten seconds. "
        "Who lost the connection counts as gone from then on."
    ),
)
SHORT = Column(
    _("Gone at once"),
    _flow("short"),
    _("Gave up within ten seconds. They are among those who came, and in no other figure."),
)
ABANDONMENT = Column(
    _("Abandonment"),
    _flow("abandonment"),
    _("Abandoned ÷ (came − gone at once)."),
    percent,
)
SPEED = Column(
    _("Speed of answer"),
    _flow("answer_secs"),
    _("How long those who were answered had waited, on average."),
    duration,
)
LONGEST = Column(
    _("Longest wait"),
    _flow("longest_secs"),
    _("Of those who were answered or gave up."),
    duration,
)
CALLBACKS = Column(_("Call backs"), _flow("callbacks"))
MESSAGES = Column(_("Letters"), _flow("messages"))

# --- What agents did ------------------------------------------------------------------------------
HANDLE = Column(
    _("Handle time"),
    _work("handle_secs"),
    _(
        "Talk and after-call work of a contact on average, by the day on which the talk began. "
        "Advice to colleagues is left out."
    ),
    duration,
)
TALK = Column(
    _("Talk"),
    _work("average_talk_secs"),
    _("The part of the handle time until the end of the talk."),
    duration,
)
WRAP = Column(
    _("After-call work"),
    _work("average_wrap_secs"),
    _("The part of the handle time after the talk."),
    duration,
)
RANG = Column(_("Offers"), _offers(*RingState), _("How often it rang for this agent."))
ACCEPTED = Column(_("Accepted"), _offers(RingState.ACCEPTED))
DECLINED = Column(_("Declined"), _offers(RingState.DECLINED))
MISSED = Column(_("Missed"), _offers(RingState.MISSED), _("It rang until its time was over."))
ADVICE = Column(_("Advice"), _work("consults"), _("How often this agent came in for a colleague."))
SIGNED_IN = Column(
    _("Signed in"),
    lambda row: row.presence.signed_in_secs,
    _("In any state but offline. A stretch over midnight counts in both days."),
    duration,
)
OCCUPANCY = Column(
    _("Occupancy"),
    lambda row: row.presence.occupancy,
    _("(Busy + after-call work) ÷ signed in, in all queues together."),
    percent,
)

# --- What people said -----------------------------------------------------------------------------
CSAT = Column(
    _("Satisfied"),
    _content("csat"),
    _("Of those who answered the survey, who gave a 4 or a 5."),
    percent,
)
SCORE = Column(
    _("Score"), _content("average"), _("The average of their scores, from 1 to 5."), decimal
)
ANSWERS = Column(_("Answers"), _content("answers"), _("How many people answered the survey."))

QUEUES = (
    Column(_("Queue"), lambda row: row.name),
    *(OFFERED, ANSWERED, IN_TARGET, LEVEL, ABANDONED, SHORT, ABANDONMENT, SPEED, LONGEST),
    *(HANDLE, TALK, WRAP, CALLBACKS, MESSAGES, CSAT, SCORE, ANSWERS),
)
AGENTS = (
    Column(_("Agent"), lambda row: row.name),
    *(RANG, ACCEPTED, DECLINED, MISSED, ANSWERED, IN_TARGET, SPEED, HANDLE, TALK, WRAP, ADVICE),
    *(SIGNED_IN, OCCUPANCY, CSAT, SCORE, ANSWERS),
)
DAYS = (
    Column(_("Day"), lambda row: row.date.isoformat(), shown=_day),
    *(OFFERED, ANSWERED, IN_TARGET, LEVEL, ABANDONED, SHORT, SPEED, LONGEST),
    *(CALLBACKS, MESSAGES, SIGNED_IN, OCCUPANCY),
)
HOURS = (
    Column(_("Hour"), lambda row: f"{row[0]:02}:00"),
    Column(_("Came"), lambda row: row[1]),
)
CODES = (
    Column(_("What it was"), lambda row: row.name or gettext("Without a code")),
    Column(_("Contacts"), lambda row: row.times),
    Column(_("Share"), lambda row: row.share, shown=percent),
)
