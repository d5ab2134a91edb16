"""The result of a device test, and how late somebody is."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calls.services import running_late

FARTHEST_DAY = timedelta(days=3653)
# Of each part: what a test may find. The words are in views/readiness_words.py.
DEVICE = ("ok", "refused", "missing", "in_use", "insecure", "other")
FINDINGS = {
    "browser": ("ok", "old"),
    "camera": DEVICE,
    "microphone": (*DEVICE, "silent"),
    "speaker": ("ok", "silent", "skipped"),
    "network": ("ok", "slow", "no_relay", "no_socket"),
}


class DeviceTestForm(forms.Form):
    """One finding for each part; a part that was not tested is left out."""

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        for part, findings in FINDINGS.items():
            self.fields[part] = forms.ChoiceField(
                required=False, choices=[(finding, finding) for finding in findings]
            )

    @property
    def parts(self) -> dict[str, str]:
        return {part: found for part, found in self.cleaned_data.items() if found}

    def clean(self) -> dict[str, str]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(part) for part in FINDINGS):
            raise forms.ValidationError(_("Nothing was tested."))
        return cleaned


def _late_choices() -> list[tuple[int, str]]:
    """By each page in its language: a lazy text with a number in it is made into words at once."""
    minutes = gettext("%(number)d minutes")
    return [
        (0, gettext("On time")),
        *((number, minutes % {"number": number}) for number in running_late.MINUTES),
    ]


class LateForm(forms.Form):
    """How many minutes somebody is behind; 0 takes it back."""

    minutes = forms.TypedChoiceField(
        coerce=int,
        choices=_late_choices,
    )


class DayQuery(forms.Form):
    """Which day the list of visits is asked for, whether only those at risk, and of whom."""

    agent = forms.UUIDField(required=False)
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    only = forms.ChoiceField(required=False, choices=[("risk", "risk")])

    def clean_day(self) -> date | None:
        """Raises ValidationError for a day that is ten years away."""
        day: date | None = self.cleaned_data["day"]
        if day and abs(day - timezone.now().date()) > FARTHEST_DAY:
            raise forms.ValidationError(_("This day is too far away."))
        return day
