"""What is written and added around a visit: the form before it, notes, files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import filetype  # type: ignore[import-untyped]
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from calls.models import Answer, Question, QuestionKind

MOST_FILE_BYTES = 10 * 1024 * 1024
MOST_FORM_BYTES = 24 * 1024 * 1024
MOST_TEXT = 2000
NAME_LENGTH = 120
# By content, not by name. What a browser opens as a page or runs is not among them.
MEDIA_TYPES = {
    "application/pdf": "PDF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "image/heic": "HEIC",
}
ACCEPT = ",".join(MEDIA_TYPES)


@dataclass(frozen=True)
class CheckedFile:
    """An uploaded file that may be kept."""

    name: str
    media_type: str
    content: bytes


class VisitFileField(forms.FileField):
    """One file of up to 10 MB that is a PDF or a picture; cleans to a CheckedFile or None."""

    widget = forms.FileInput(attrs={"accept": ACCEPT})
    default_error_messages = {
        "too_big": _("This file is larger than 10 MB. Please choose a smaller one."),
        "wrong_kind": _("Only PDF files and pictures (JPEG, PNG, WebP, HEIC) can be added."),
        "invalid": _("The file did not arrive. Please choose it again."),
        "empty": _("This file is empty. Please choose another one."),
    }

    def clean(self, data: Any, initial: Any = None) -> CheckedFile | None:
        uploaded = super().clean(data, None)
        if not isinstance(uploaded, UploadedFile):
            return None
        if (uploaded.size or 0) > MOST_FILE_BYTES:
            raise ValidationError(self.error_messages["too_big"], code="too_big")
        content = uploaded.read()
        kind = filetype.guess_mime(content)
        if kind not in MEDIA_TYPES:
            raise ValidationError(self.error_messages["wrong_kind"], code="wrong_kind")
        return CheckedFile(_plain_name(uploaded.name or ""), kind, content)


class NoteForm(forms.Form):
    """What the agent writes to the patient."""

    text = forms.CharField(
        label=_("Note for the patient"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The patient reads this in the portal, and is told that it is there."),
    )


class AheadForm(forms.Form):
    """What somebody says to the planned recording, and to which text; what is wrong is missing."""

    answer = forms.ChoiceField(choices=[(word, word) for word in ("yes", "no", "always", "ask")])
    text_version = forms.CharField(max_length=32, required=False)


class FileForm(forms.Form):
    file = VisitFileField(label=_("Add a file"), help_text=_("A PDF or a picture of up to 10 MB."))


class IntakeForm(forms.Form):
    """One field for each question of the service, filled with what was answered before."""

    def __init__(
        self,
        data: QueryDict | None,
        files: "MultiValueDict[str, UploadedFile] | None",
        *,
        questions: Sequence[Question],
        answers: Mapping[int, Answer],
    ) -> None:
        """`answers` by the id of their question."""
        super().__init__(data, files)
        self.answers = answers
        self.questions = {f"question_{question.pk}": question for question in questions}
        for name, question in self.questions.items():
            self.fields[name] = self._field(question, answers.get(question.pk))

    def _field(self, question: Question, before: Answer | None) -> forms.Field:
        common: dict[str, Any] = {
            "label": question.label,
            "help_text": question.help_text,
            "required": question.is_required,
        }
        if question.kind == QuestionKind.FILE:
            if before and before.attachment:
                common["required"] = False
                common["help_text"] = _("Added: %(name)s. Choose another file to replace it.") % {
                    "name": before.attachment.name
                }
            return VisitFileField(**common)
        initial = before.text if before else ""
        if question.kind == QuestionKind.CHOICE:
            choices = [(option, option) for option in question.options]
            return forms.ChoiceField(
                choices=choices, widget=forms.RadioSelect, initial=initial, **common
            )
        return forms.CharField(
            max_length=MOST_TEXT,
            widget=forms.Textarea(attrs={"rows": 3}),
            initial=initial,
            **common,
        )


class QuestionFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The questions of a service, as an administrator writes them."""

    def clean(self) -> None:
        """Raises ValidationError for a choice without at least two options."""
        super().clean()
        for form in self.forms:
            if form.cleaned_data.get("kind") != QuestionKind.CHOICE or form in self.deleted_forms:
                continue
            lines = str(form.cleaned_data.get("choices", "")).splitlines()
            if len({line.strip() for line in lines if line.strip()}) < 2:
                form.add_error("choices", _("Write at least two choices, one on each line."))


def _plain_name(name: str) -> str:
    """The last part of a file's name without what is no letter of it, short enough to keep."""
    base = PurePath(name.replace("\\", "/")).name
    kept = "".join(letter for letter in base if letter.isprintable() and letter not in '<>:"|?*')
    stem, dot, ending = kept.rpartition(".")
    if not dot or len(ending) > 8:
        return kept[:NAME_LENGTH] or "file"
    return f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}"
