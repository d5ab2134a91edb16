"""What the pages around booking read from their addresses and forms."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ConsentText, Dependant, User
from calls.models import Invitation
from calls.models.appointment import REASON_LENGTH

MOST_VISITS = 12
FARTHEST_YEARS = 10


class TimesQuery(forms.Form):
    """Which person and which day the list of free times is asked for; both may be missing."""

    agent = forms.UUIDField(required=False)
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class PatientQuery(forms.Form):
    """The words by which staff look for a patient."""

    q = forms.CharField(max_length=120, required=False)


class SlotQuery(forms.Form):
    """One time, in ISO 8601 with its offset, and the person, or nobody for whoever is free."""

    agent = forms.UUIDField(required=False)
    starts = forms.DateTimeField()

    def clean_starts(self) -> datetime:
        """The time in UTC."""
        return in_utc(self.cleaned_data["starts"])


class ConfirmForm(forms.Form):
    """What the last step of booking asks: for whom, why, how often, and whether it is recorded."""

    dependant = forms.ModelChoiceField(
        Dependant.objects.none(), required=False, label=_("Who is the visit for?")
    )
    reason = forms.CharField(
        required=False,
        max_length=REASON_LENGTH,
        label=_("What would you like to talk about?"),
        help_text=_("Only the person you meet reads this. You may leave it empty."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    weeks = forms.ChoiceField(required=False, label=_("How often?"))
    recording = forms.ChoiceField(
        required=False,
        choices=[("yes", _("Yes, it may be recorded")), ("no", _("No, please do not record"))],
        widget=forms.RadioSelect,
        label=_("May this visit be recorded?"),
    )
    text_version = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        patient: User,
        by_staff: bool,
        consent_text: ConsentText | None = None,
    ) -> None:
        """`consent_text` is what the patient is asked to agree to; None if they are not asked."""
        super().__init__(data)
        in_care(self, patient)
        if by_staff:
            self.fields["reason"].label = _("What is it about?")
            self.fields["reason"].help_text = _("Patient and agent read this.")
        often = cast("forms.ChoiceField", self.fields["weeks"])
        often.choices = [
            ("1", _("Once")),
            *((str(n), _weekly(n)) for n in range(2, MOST_VISITS + 1)),
        ]
        if consent_text is None:
            del self.fields["recording"], self.fields["text_version"]
        else:
            self.fields["recording"].required = True
            self.fields["text_version"].initial = consent_text.version

    def clean_text_version(self) -> str:
        version: str = self.cleaned_data["text_version"]
        if not ConsentText.objects.filter(version=version).exists():
            raise ValidationError(_("Please read the text about recording, and answer again."))
        return version

    @property
    def number(self) -> int:
        """How many weekly visits are wanted."""
        return int(self.cleaned_data.get("weeks") or 1)

    @property
    def details(self) -> dict[str, Any]:
        """What the booking takes over."""
        return {
            "dependant": self.cleaned_data.get("dependant"),
            "reason": self.cleaned_data.get("reason", ""),
        }

    @property
    def consent(self) -> tuple[bool, str] | None:
        """Whether the patient agreed, and to which text; None if they were not asked."""
        said = self.cleaned_data.get("recording")
        return (said == "yes", self.cleaned_data.get("text_version", "")) if said else None


class SeriesForm(ConfirmForm):
    """The same, with the dates that were chosen of those proposed."""

    @property
    def starts(self) -> list[datetime]:
        """The chosen starts in UTC, in order and each once. Raises ValidationError for what is no
        time, or if there are none or too many."""
        field = forms.DateTimeField()
        sent = cast("QueryDict", self.data).getlist("date")
        if not 1 <= len(sent) <= MOST_VISITS:
            raise ValidationError(_("Choose at least one date."))
        return sorted({in_utc(field.clean(one)) for one in sent})


def in_care(form: forms.Form, patient: User) -> None:
    """The field `dependant` offers those in the patient's care, and goes if there are none.

    Not if one was sent: who was taken away meanwhile is refused, and nobody booked in their place.
    """
    people = Dependant.objects.filter(keeper=patient, is_active=True)
    mine = cast("forms.ModelChoiceField[Dependant]", form.fields["dependant"])
    mine.queryset, mine.empty_label = people, patient.display_name
    if not people.exists() and not (form.is_bound and form.data.get("dependant")):
        del form.fields["dependant"]


def in_utc(moment: datetime) -> datetime:
    """Raises ValidationError for what is decades away: at the ends of the calendar another zone, or
    a week later, has no time."""
    if abs(moment.year - timezone.now().year) > FARTHEST_YEARS:
        raise ValidationError("out of range")
    return moment.astimezone(UTC)


def _weekly(number: int) -> str:
    return gettext("Every week, %(number)d times") % {"number": number}


class WaitingForm(forms.Form):
    """The days on which somebody would take a time that becomes free, and for whom."""

    dependant = forms.ModelChoiceField(
        Dependant.objects.none(), required=False, label=_("Who is the visit for?")
    )
    agent = forms.ModelChoiceField(
        User.objects.none(), required=False, label=_("With whom?"), empty_label=_("Whoever is free")
    )
    from_date = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until_date = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(
        self,
        data: QueryDict | None,
        *,
        agents: list[User],
        patient: User,
        horizon_days: int,
        asked: str | None,
    ) -> None:
        """`asked`: the id of the agent whose times were looked at, if any."""
        super().__init__(data)
        zone = patient.zone
        in_care(self, patient)
        self.today = timezone.localdate(timezone=zone)
        self.last = self.today + timedelta(days=horizon_days)
        people = cast("forms.ModelChoiceField[User]", self.fields["agent"])
        people.queryset = User.objects.filter(pk__in=[agent.pk for agent in agents])
        people.initial = asked
        self.fields["from_date"].initial = self.today
        self.fields["until_date"].initial = min(self.today + timedelta(days=14), self.last)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("from_date"), cleaned.get("until_date")
        if since and until and not self.today <= since <= until <= self.last:
            raise ValidationError(
                _("Choose days from today on, the first one before the last, not after %(last)s.")
                % {"last": date_format(self.last, "DATE_FORMAT")}
            )
        return cleaned


class InviteForm(forms.ModelForm[Invitation]):
    """A third person; with an e-mail address the link is mailed as well. `once` is the id that
    the invitation gets: the same form sent twice invites once."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)

    class Meta:
        model = Invitation
        fields = ("name", "kind", "email")
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}
        help_texts = {"email": _("If you fill it in, we mail the link.")}

    def clean_once(self) -> UUID:
        return self.cleaned_data["once"] or uuid4()
