"""Whom and which queues ids are, for those who read histories and decisions."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from calls.models import Queue

_PEOPLE = ("agent", "by")
_QUEUES = ("queue", "before")


def names_in(data: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The names of the people and queues in the data of events, by id; two queries at most."""
    rows = list(data)
    people = {str(row[key]) for row in rows for key in _PEOPLE if row.get(key)}
    queues = {str(row[key]) for row in rows for key in _QUEUES if row.get(key)}
    return _names(User.objects.all(), "display_name", people) | _names(
        Queue.objects.all(), "name", queues
    )


def about_whom(data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The agent and the queues that an event is about, in words; a dash for none."""
    parts = ((_("agent"), "agent"), (_("from"), "before"), (_("to"), "queue"))
    found = [f"{word}: {names.get(str(data[key]), '–')}" for word, key in parts if key in data]
    return " · ".join(found) or "–"


def _names(rows: Any, field: str, ids: set[str]) -> dict[str, str]:
    known = [one for one in ids if _is_id(one)]
    if not known:
        return {}
    return {str(pk): name for pk, name in rows.filter(pk__in=known).values_list("pk", field)}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
