"""What agents send from their desk."""

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from calls.desk.states import CHOICES
from calls.models import Handling, Queue, WrapUpCode
from calls.models.handling import NOTE_LENGTH
from calls.models.queue_entry import MESSAGE_LENGTH


class StateForm(forms.Form):
    state = forms.ChoiceField(choices=[(state.value, state.value) for state in CHOICES])


class NoteForm(forms.Form):
    """A note as it is saved while it is written; `version` is the one that was edited."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=NOTE_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class WrapUpForm(NoteForm):
    """The end of a contact: what it was about, and the note."""

    code = forms.ModelChoiceField(
        label=_("What was it about?"),
        queryset=WrapUpCode.objects.none(),
        required=False,
        empty_label=_("Please choose"),
    )
    field_order = ("code", "note", "version")

    def __init__(self, *args: object, handling: Handling, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["code"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = codes_of(handling.entry.queue)
        field.required = field.queryset.exists()
        self.initial = {
            "note": handling.note,
            "version": handling.note_version,
            "code": handling.code_id,
        }


def codes_of(queue: Queue) -> QuerySet[WrapUpCode]:
    """The codes that are offered for contacts of this queue."""
    return WrapUpCode.objects.filter(Q(queue__isnull=True) | Q(queue=queue), is_active=True)


class ConsultForm(forms.Form):
    """A colleague, and what it is about."""

    agent = forms.UUIDField()
    note = forms.CharField(required=False, max_length=300)


class HandOnForm(forms.Form):
    """An agent or a queue, one of them, and what the next agent should know."""

    agent = forms.UUIDField(required=False)
    queue = forms.ModelChoiceField(queryset=Queue.objects.filter(is_active=True), required=False)
    note = forms.CharField(required=False, max_length=300)

    def clean(self) -> dict[str, object]:
        said = super().clean() or {}
        if bool(said.get("agent")) == bool(said.get("queue")):
            raise forms.ValidationError(_("Choose a colleague or a queue."))
        return said


class LetterForm(forms.Form):
    """The answer to a letter, as it is mailed."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=MESSAGE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("It goes by e-mail to the address that the person gave."),
    )
