"""A report as tables, for the page and for its files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from calls.services.desk.figures.report import Report
from calls.services.desk.figures.sheet import Cell
from calls.views.desk import report_columns as columns
from calls.views.desk.report_columns import Column, Text


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is what an address calls it; `rows` are of figures.report."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Any]

    @property
    def cells(self) -> Iterable[tuple[str, list[tuple[Text, str]]]]:
        """Each row: its name, and every other cell in words with its title."""
        name, *rest = self.columns
        for row in self.rows:
            yield name.words(row), [(one.title, one.words(row)) for one in rest]

    @property
    def meanings(self) -> list[tuple[Text, Text]]:
        return [(one.title, one.meaning) for one in self.columns if one.meaning]

    @property
    def heads(self) -> list[str]:
        return [one.head for one in self.columns]

    @property
    def numbers(self) -> list[list[Cell]]:
        return [[one.number(row) for one in self.columns] for row in self.rows]


def tables(shown: Report) -> dict[str, Table]:
    """By name; where one agent is asked about, without queues, whose figures are not theirs."""
    found = [
        Table("queues", _("Queues"), columns.QUEUES, shown.queues),
        Table("agents", _("Agents"), columns.AGENTS, shown.agents),
        Table("days", _("Days"), columns.DAYS, shown.days),
        Table("hours", _("Hours of the day"), columns.HOURS, list(enumerate(shown.hours))),
        Table("codes", _("What contacts were about"), columns.CODES, shown.codes),
    ]
    hidden = {"queues"} if shown.asked.agent else set()
    return {table.name: table for table in found if table.name not in hidden}
