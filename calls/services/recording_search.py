"""Finding recordings: by person or service, by day, by state."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from calls.models import Appointment, Recording
from calls.permissions import recordings_for
from calls.states import RecordingState

# Beyond it a day has no midnight in every zone.
IN_OUR_TIME = (MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2200, 1, 1)))
# What people tell apart; closing the last segments and preparing the files look the same to them.
PREPARED = (RecordingState.STOPPING, RecordingState.FINALISING)
STATES = {
    "ready": (RecordingState.READY,),
    "prepared": PREPARED,
    "failed": (RecordingState.FAILED,),
    "erased": (RecordingState.ERASED,),
}


class RecordingSearch(forms.Form):
    """All fields are optional; what cannot be read is named and ignored."""

    q = forms.CharField(
        label=_("Person or service"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    since = forms.DateField(
        label=_("From"),
        required=False,
        validators=IN_OUR_TIME,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        validators=IN_OUR_TIME,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All states")),
            ("ready", _("Ready to play")),
            ("prepared", _("Being prepared")),
            ("failed", _("Failed")),
            ("erased", _("Erased")),
        ],
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))
            del cleaned["since"]
        return cleaned


def search(user: User, form: RecordingSearch) -> QuerySet[Recording]:
    """The recordings that `user` may see and that match what is valid in `form`, newest first."""
    form.is_valid()
    wanted = form.cleaned_data
    rows = recordings_for(user).defer("wrapped_key")
    for word in wanted.get("q", "").split():
        named = Appointment.objects.filter(
            Q(patient__display_name__icontains=word) | Q(dependant__display_name__icontains=word),
            call=OuterRef("call"),
        )
        rows = rows.filter(
            Exists(named)
            | Q(call__agent__display_name__icontains=word)
            | Q(call__service__name__icontains=word)
        )
    if since := wanted.get("since"):
        rows = rows.filter(started_at__gte=_midnight(since))
    if until := wanted.get("until"):
        rows = rows.filter(started_at__lt=_midnight(until + timedelta(days=1)))
    if states := STATES.get(wanted.get("state", "")):
        rows = rows.filter(state__in=states)
    return rows.order_by("-started_at")


def _midnight(day: Any) -> datetime:
    """The beginning of `day` in the zone that the person sees times in."""
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())
