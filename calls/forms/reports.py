"""Which figures are asked for."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.forms.readiness import FARTHEST_DAY

# A quarter: what is read grows with the days asked for, and with nothing else.
MOST_DAYS = 92
DEFAULT_DAYS = 7
TABLES = ("queues", "agents", "days", "hours", "codes")


class ReportQuery(forms.Form):
    """The last seven days up to `today` where no others are named."""

    first = forms.DateField(
        label=gettext_lazy("From day"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=gettext_lazy("To day"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    queue = forms.UUIDField(required=False)
    agent = forms.UUIDField(required=False)

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data)
        self.today = today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        last = last or max(first or self.today, self.today)
        first = first or last - timedelta(days=DEFAULT_DAYS - 1)
        if last < first:
            raise ValidationError(_("The range ends before it begins."))
        if (last - first).days >= MOST_DAYS:
            raise ValidationError(_("Please choose %(days)d days at most.") % {"days": MOST_DAYS})
        if max(abs(first - self.today), abs(last - self.today)) > FARTHEST_DAY:
            raise ValidationError(_("This day is too far away."))
        return cleaned | {"first": first, "last": last}

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for; after a mistake the last seven days, of everybody and all queues."""
        if self.is_valid():
            return self.cleaned_data
        first = self.today - timedelta(days=DEFAULT_DAYS - 1)
        return {"first": first, "last": self.today, "queue": None, "agent": None}


class ExportQuery(forms.Form):
    table = forms.ChoiceField(choices=[(name, name) for name in TABLES])
