"""What the pages around booking read from their addresses and forms."""

from datetime import UTC, datetime

from django import forms
from django.core.exceptions import ValidationError


class TimesQuery(forms.Form):
    """Which person and which day the list of free times is asked for; both may be missing."""

    agent = forms.UUIDField(required=False)
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class SlotQuery(forms.Form):
    """One time, in ISO 8601 with its offset, and the person, or nobody for whoever is free."""

    agent = forms.UUIDField(required=False)
    starts = forms.DateTimeField()

    def clean_starts(self) -> datetime:
        """The time in UTC; at the ends of the calendar another zone's time has none."""
        starts: datetime = self.cleaned_data["starts"]
        try:
            return starts.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("out of range") from error
