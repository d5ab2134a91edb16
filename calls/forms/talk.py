"""What people write who want to talk to somebody now, to be called back, or to be written to."""

import re
import unicodedata
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from calls.desk.states import EntryKind
from calls.models import Media, Queue
from calls.models.queue_entry import MESSAGE_LENGTH, SUBJECT_LENGTH
from calls.services.desk.arriving import Arrival

NAME_LENGTH = 120
_PHONE = re.compile(r"[\d +().-]{5,40}", re.ASCII)
# Signs that steer and marks of direction; those that join letters are needed for writing.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
# Beside each way of meeting: a picture, and what it means.
CARDS = {
    Media.VIDEO: ("camera", _("You see and hear each other.")),
    Media.AUDIO: ("mic", _("You hear each other, without a picture.")),
    Media.TEXT: ("chat", _("You write to each other, without sound and picture.")),
}


class CallbackForm(forms.Form):
    """Where somebody can be reached."""

    phone = forms.CharField(
        required=False,
        label=_("Telephone"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "maxlength": 40}),
    )
    email = forms.EmailField(
        required=False,
        max_length=254,
        label=_("E-mail address"),
        help_text=_("A telephone number or an e-mail address will do."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_phone(self) -> str:
        return phone_number(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("phone") and not cleaned.get("email"):
            raise ValidationError(_("Give a telephone number or an e-mail address."))
        return cleaned


class LetterForm(forms.Form):
    """What somebody writes instead, and where the answer goes."""

    message = forms.CharField(
        max_length=MESSAGE_LENGTH,
        label=_("Your message"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    email = forms.EmailField(
        max_length=254,
        label=_("E-mail address"),
        help_text=_("The answer is sent there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ArrivalForm(forms.Form):
    """Who comes, and about what."""

    kind = EntryKind.LIVE

    name = forms.CharField(
        max_length=NAME_LENGTH,
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    subject = forms.CharField(
        required=False,
        max_length=SUBJECT_LENGTH,
        label=_("What is it about?"),
        help_text=_("A few words help to find the right person."),
    )
    language = forms.ChoiceField(label=_("Language"))
    # Filled in by static/js/ui/zone.js.
    time_zone = forms.CharField(
        required=False, max_length=64, widget=forms.HiddenInput(attrs={"data-browser-zone": ""})
    )
    # What the button on another site has brought along (services/desk/embedding.py).
    came_from = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)
    # Nobody sees this field; programs that fill in every form do.
    website = forms.CharField(
        required=False,
        max_length=200,
        label=_("Leave this empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    field_order = ("name", "language", "phone", "subject", "message", "email")

    def __init__(self, data: QueryDict | None, *, queue: Queue, initial: dict[str, str]) -> None:
        # Several of them stand on one page: their ids differ.
        super().__init__(data, initial=initial, auto_id=f"id_{self.kind}_%s")
        self.queue = queue
        if len(queue.languages) > 1:
            language = cast("forms.ChoiceField", self.fields["language"])
            language.choices = queue.language_choices
        else:
            del self.fields["language"]

    @property
    def trap(self) -> BoundField:
        return self["website"]

    def clean_name(self) -> str:
        name = plain(self.cleaned_data["name"])
        if not any(map(str.isalnum, name)):
            raise ValidationError(_("Write your name in letters."))
        return name

    def clean_subject(self) -> str:
        return plain(self.cleaned_data["subject"])

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("This field stays empty: it finds out programs."))
        return ""

    def arrival(self, *, origin: str) -> Arrival:
        """What the form says; `origin` is the site that the person comes from, "" for none."""
        said = self.cleaned_data
        asked = ("name", "subject", "phone", "email", "message")
        only = self.queue.languages[0] if self.queue.languages else ""
        return Arrival(
            **{name: said[name] for name in asked if name in said},
            language=said.get("language", only),
            media=said.get("media", self.queue.media_offered[0]),
            kind=self.kind,
            origin=origin,
        )


class TalkForm(ArrivalForm):
    """To wait for somebody now."""

    # In place of a form's own `media`, its scripts and styles, of which there are none here.
    media = forms.ChoiceField(  # type: ignore[assignment]
        label=_("How would you like to talk?"), choices=Media.choices, widget=forms.RadioSelect
    )

    def __init__(self, data: QueryDict | None, *, queue: Queue, initial: dict[str, str]) -> None:
        offered = queue.media_offered
        super().__init__(data, queue=queue, initial={"media": offered[0], **initial})
        media = cast("forms.ChoiceField", self.fields["media"])
        media.choices = [(one.value, one.label) for one in offered]

    @property
    def cards(self) -> list[tuple[Any, str, Any]]:
        """Each radio button with a picture and what it means."""
        return [(radio, *CARDS[Media(radio.data["value"])]) for radio in self["media"]]

    def clean_media(self) -> Media:
        return Media(self.cleaned_data["media"])


class CallbackArrivalForm(ArrivalForm, CallbackForm):
    """To be called back, without waiting."""

    kind = EntryKind.CALLBACK


class LetterArrivalForm(ArrivalForm, LetterForm):
    """To write, without waiting."""

    kind = EntryKind.MESSAGE


FORMS: dict[EntryKind, type[ArrivalForm]] = {
    form.kind: form for form in (TalkForm, CallbackArrivalForm, LetterArrivalForm)
}


def plain(text: str) -> str:
    """On one line, without what cannot be seen or turns the direction of what follows."""
    return " ".join(_UNSEEN.sub("", " ".join(text.split())).split())


def phone_number(text: str) -> str:
    """As somebody dials it, with plain digits and single spaces; "" stays so.

    Raises ValidationError for what is no telephone number.
    """
    number = " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    if number and (not _PHONE.fullmatch(number) or sum(map(str.isdigit, number)) < 3):
        raise ValidationError(
            _("Write a telephone number with digits, such as +49 30 1234567, of 5 to 40 signs.")
        )
    return number
