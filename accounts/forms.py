"""Forms about people."""

from datetime import date, timedelta
from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dependant, User
from accounts.preferences import zone_choices


class SignupForm(AllauthSignupForm):
    """Sign-up with a name; the account is a patient's."""

    display_name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("As the people you meet should see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    # Filled in by static/js/ui/zone.js; without a script the person chooses it in the profile.
    time_zone = forms.CharField(
        required=False,
        max_length=64,
        widget=forms.HiddenInput(attrs={"data-browser-zone": ""}),
    )
    field_order = ("display_name", "email", "password1", "password2")


class ProfileForm(forms.ModelForm[User]):
    """What people may change about themselves."""

    class Meta:
        model = User
        fields = ("display_name", "time_zone", "language")
        widgets = {"display_name": forms.TextInput(attrs={"autocomplete": "name"})}
        help_texts = {
            "display_name": _("The people you meet see this name."),
            "time_zone": _("All times are shown in this zone."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = list(zone_choices())
        mine = self.instance.time_zone
        if not any(mine == name for _region, names in choices for name, _label in names):
            choices.insert(0, (mine, [(mine, mine)]))
        self.fields["time_zone"] = forms.ChoiceField(
            label=self.fields["time_zone"].label,
            help_text=self.fields["time_zone"].help_text,
            choices=choices,
        )


class NotificationsForm(forms.ModelForm[User]):
    """What comes by mail as well; everything stands in the portal."""

    class Meta:
        model = User
        fields = ("mails_bookings", "mails_reminders", "mails_offers")


class TimeZoneForm(forms.ModelForm[User]):
    """The answer to "Are you in another time zone?"."""

    class Meta:
        model = User
        fields = ("time_zone",)


class DependantForm(forms.ModelForm[Dependant]):
    """Somebody in the care of a patient."""

    class Meta:
        model = Dependant
        fields = ("display_name", "relation", "born_on")
        widgets = {
            "display_name": forms.TextInput(attrs={"autocomplete": "off"}),
            "born_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {"born_on": _("You may leave this empty.")}

    def clean_born_on(self) -> date | None:
        born: date | None = self.cleaned_data["born_on"]
        today = timezone.localdate()
        if born is not None and not today - timedelta(days=365 * 130) < born <= today:
            raise ValidationError(_("This cannot be a date of birth."))
        return born
