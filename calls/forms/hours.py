"""What the page of somebody's hours sends."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from calls.models.hours import WEEKDAYS
from calls.services.scheduling.hours import END_OF_DAY
from calls.services.scheduling.week import MOST_SHIFTS, Shift

FARTHEST_YEARS = 3


@dataclass(frozen=True)
class Row:
    """A row of the week as it was typed."""

    weekday: str
    starts: str
    ends: str


class WeekForm(forms.Form):
    """The whole week: `weekday`, `starts` and `ends`, once for each shift; `seen`: its version."""

    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)

    @property
    def rows(self) -> list[Row]:
        """What was typed, right or wrong, without empty rows; none for a form that was cut off."""
        if not self._is_whole:
            return []
        return [Row(*row) for row in zip(*self._columns, strict=True) if row[1] or row[2]]

    @property
    def _columns(self) -> list[list[str]]:
        sent = cast("QueryDict", self.data)
        return [sent.getlist(name) for name in ("weekday", "starts", "ends")]

    @property
    def _is_whole(self) -> bool:
        lengths = {len(column) for column in self._columns}
        return len(lengths) == 1 and max(lengths) <= MOST_SHIFTS

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self._is_whole:
            raise ValidationError(_("The form was not complete. Please look again."))
        cleaned["shifts"] = [_shift(row) for row in self.rows]
        return cleaned


class DayForm(forms.Form):
    """Other hours on one date: none, one or two shifts."""

    day = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}))
    starts = forms.TimeField(
        label=_("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    ends = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    starts_again = forms.TimeField(
        label=_("And from"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    ends_again = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def __init__(self, data: QueryDict | None = None, *, today: date) -> None:
        super().__init__(data)
        self._today = today

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not self._today <= day or day.year > self._today.year + FARTHEST_YEARS:
            raise ValidationError(_("Choose a day from today on, within three years."))
        return day

    @property
    def clocks(self) -> list[tuple[time, time]]:
        """The hours of the day; none says that nobody is there."""
        pairs = (("starts", "ends"), ("starts_again", "ends_again"))
        found = [(self.cleaned_data.get(start), self.cleaned_data.get(end)) for start, end in pairs]
        return [
            (whole_minute(start, is_end=False), whole_minute(end, is_end=True))
            for start, end in found
            if start is not None and end is not None
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for start, end in (("starts", "ends"), ("starts_again", "ends_again")):
            if (cleaned.get(start) is None) != (cleaned.get(end) is None):
                raise ValidationError(_("Each shift needs both a beginning and an end."))
        return cleaned


class WallClockField(forms.DateTimeField):
    """A date and a time as a clock on the wall shows them, without a zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def to_python(self, value: object) -> datetime | None:
        if not value:
            return None
        try:
            moment = parse_datetime(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is not None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


class TimeOffForm(forms.Form):
    """From when until when somebody is away, by their own clock."""

    starts_at = WallClockField(label=_("From"))
    ends_at = WallClockField(label=_("Until"))
    note = forms.CharField(label=_("Note"), required=False, max_length=120)

    def __init__(self, data: QueryDict | None = None, *, zone: ZoneInfo) -> None:
        super().__init__(data)
        self._zone = zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("starts_at", "ends_at"):
            moment: datetime | None = cleaned.get(name)
            if moment is None:
                continue
            if abs(moment.year - timezone.now().year) > FARTHEST_YEARS:
                self.add_error(name, _("Choose a day within three years."))
                continue
            # It is a time where the agent is, whoever types it. In UTC: two times of one zone are
            # compared by their clocks, which a change of the clocks makes wrong.
            cleaned[name] = moment.replace(tzinfo=self._zone).astimezone(UTC)
        return cleaned


class HolidayPlaceForm(forms.ModelForm[User]):
    """The place whose public holidays somebody keeps."""

    class Meta:
        model = User
        fields = ("holiday_place",)
        widgets = {"holiday_place": forms.TextInput(attrs={"autocapitalize": "characters"})}

    def clean_holiday_place(self) -> str:
        place: str = self.cleaned_data["holiday_place"]
        return place.strip().upper()


def _shift(row: Row) -> Shift:
    """Raises ValidationError for what is no weekday or no time, naming the day."""
    names = {str(number): name for number, name in WEEKDAYS}
    if row.weekday not in names:
        raise ValidationError(_("This is not a day of the week."))
    clock = forms.TimeField()
    try:
        starts, ends = clock.clean(row.starts), clock.clean(row.ends)
    except ValidationError as error:
        words = _("%(day)s: each shift needs a beginning and an end, such as 09:00.")
        raise ValidationError(words, params={"day": names[row.weekday]}) from error
    return Shift(
        int(row.weekday), whole_minute(starts, is_end=False), whole_minute(ends, is_end=True)
    )


def whole_minute(clock: time, *, is_end: bool) -> time:
    """A visit begins at a full minute; a shift until 00:00 lasts until the day's end."""
    whole = clock.replace(second=0, microsecond=0)
    return END_OF_DAY if is_end and whole == time(0) else whole
