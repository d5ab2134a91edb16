"""What the administration sends about queues and about agents at the desk."""

from collections.abc import Callable, Iterable
from datetime import time
from itertools import pairwise
from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from calls.models import DeskAgent, Queue, QueueDay, QueueHours, QueueText
from calls.models.hours import WEEKDAYS
from calls.services.desk import keeping
from calls.services.desk.overflow import circle


def _languages() -> list[tuple[str, str]]:
    """Every language by its own name, in the order of these names."""
    names = {code: info["name_local"] for code, info in LANG_INFO.items() if "name_local" in info}
    return sorted(names.items(), key=lambda one: one[1].casefold())


class LanguagesField(forms.MultipleChoiceField):
    """Languages, moved from one list to another like agents and skills."""

    def __init__(self) -> None:
        label = gettext_lazy("languages")
        super().__init__(
            label=label,
            required=False,
            choices=_languages,
            widget=FilteredSelectMultiple(label, is_stacked=False),
        )


class QueueTextForm(forms.ModelForm[QueueText]):
    """What a queue says in a language that is chosen by its own name."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=_languages, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = QueueText
        fields = ("language", "greeting", "at_hand", "closing")


class QueueForm(forms.ModelForm[Queue]):
    """Refuses what would leave people in a line that goes nowhere."""

    languages = LanguagesField()
    forgets_older = forms.BooleanField(
        label=gettext_lazy("Forget at once, for good, what is older"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    class Meta:
        model = Queue
        fields = "__all__"  # noqa: DJ007  the administration's fieldsets say which

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        overflow, most = cleaned.get("overflow"), cleaned.get("most_wait_secs")
        if most and not overflow and "overflow" not in self.errors:
            self.add_error("overflow", _("Say to which queue people go on after the longest wait."))
        if overflow and not most and "most_wait_secs" not in self.errors:
            self.add_error("most_wait_secs", _("Say after how many seconds people go on."))
        if overflow:
            self._check_circle(overflow)
        self._check_older(cleaned)
        return cleaned

    def _check_older(self, cleaned: dict[str, Any]) -> None:
        """A number of days that makes something go at once wants a word for it."""
        days = {kind.field for kind in keeping.KINDS}.intersection(self.changed_data)
        if cleaned.get("forgets_older") or self.instance._state.adding or not days:
            return
        count = keeping.due_with(self.instance, {field: cleaned.get(field) for field in days})
        if count:
            words = ngettext(
                "%(count)d contact is older and would lose words or names for good. Tick this if "
                "that is meant.",
                "%(count)d contacts are older and would lose words or names for good. Tick this if "
                "that is meant.",
                count,
            )
            self.add_error("forgets_older", words % {"count": count})

    def _check_circle(self, overflow: Queue) -> None:
        names = circle(self.instance.pk, overflow.pk)
        if names:
            way = " → ".join(names)
            self.add_error(
                "overflow", _("People would be sent in a circle: %(way)s.") % {"way": way}
            )


class DeskAgentForm(forms.ModelForm[DeskAgent]):
    languages = LanguagesField()

    class Meta:
        model = DeskAgent
        fields = "__all__"  # noqa: DJ007


Span = tuple[time, time]


class _Spans(BaseInlineFormSet[Any, Any, Any]):
    """Rows with a beginning and an end, of which no two of one day overlap."""

    def rows(self) -> list[dict[str, Any]]:
        filled = [getattr(form, "cleaned_data", None) or {} for form in self.forms]
        return [row for row in filled if row and not row.get("DELETE")]

    def check(self, day: str, words: Callable[[Any], str]) -> None:
        spans: dict[Any, list[Span]] = {}
        for row in self.rows():
            starts, ends = row.get("starts"), row.get("ends")
            if starts and ends and ends <= starts:
                raise ValidationError(_("Hours end after they begin; the end of a day is 23:59."))
            if starts and ends and row.get(day) is not None:
                spans.setdefault(row[day], []).append((starts, ends))
        for key, found in spans.items():
            if two := _overlapping(found):
                raise ValidationError(
                    _("On %(day)s, %(one)s and %(other)s overlap.")
                    % {"day": words(key), "one": _clock(two[0]), "other": _clock(two[1])}
                )


class QueueHoursFormSet(_Spans):
    model = QueueHours

    def clean(self) -> None:
        super().clean()
        names = dict(WEEKDAYS)
        self.check("weekday", lambda weekday: str(names[weekday]))


class QueueDayFormSet(_Spans):
    """Single days: open hours, or one row without any for a day on which it is closed."""

    model = QueueDay

    def clean(self) -> None:
        super().clean()
        open_on, closed_on = set(), []
        for row in self.rows():
            if bool(row.get("starts")) != bool(row.get("ends")):
                raise ValidationError(_("Give both times, or neither for a day that is closed."))
            if row.get("starts"):
                open_on.add(row.get("date"))
            else:
                closed_on.append(row.get("date"))
        if open_on & set(closed_on):
            raise ValidationError(_("A day cannot be closed and have hours as well."))
        if len(set(closed_on)) < len(closed_on):
            raise ValidationError(_("A closed day is given twice."))
        self.check("date", str)


def _overlapping(spans: Iterable[Span]) -> tuple[Span, Span] | None:
    for one, other in pairwise(sorted(spans)):
        if other[0] < one[1]:
            return one, other
    return None


def _clock(span: Span) -> str:
    return f"{span[0]:%H:%M}-{span[1]:%H:%M}"
