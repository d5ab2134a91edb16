"""A page of the administration that asks for a purpose before something is decided."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.posted import posted
from calls.services.holds import KeepingError

Text = str | Promise


class PurposeForm(forms.Form):
    """Why; kept with what was decided."""

    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=500,
        help_text=_("Kept for good, in the audit log too. Name a case or a request, not a person."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autofocus": True}),
    )


@dataclass(frozen=True, slots=True)
class Button:
    """One answer; `act` takes the purpose and returns what is said afterwards."""

    name: str
    text: Text
    act: Callable[[str], Text]
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a row, with the facts that matter for it."""

    title: Text
    lead: Text
    buttons: tuple[Button, ...]
    facts: list[tuple[Text, object]] = field(default_factory=list)
    note: Text = ""


def ask(request: HttpRequest, row: Model, question: Question) -> HttpResponse:
    """The page of a question; a POST with a purpose decides it and leads back to the row."""
    form = PurposeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        button = next((it for it in question.buttons if it.name in request.POST), None)
        if button is not None:
            _decide(request, button, form.cleaned_data["purpose"])
            return HttpResponseRedirect(_page_of(row))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": row._meta,
        "original": row,
        "title": question.title,
        "question": question,
        "form": form,
        "back": _page_of(row),
    }
    return TemplateResponse(request, "admin/decision.html", context)


def _decide(request: HttpRequest, button: Button, purpose: str) -> None:
    try:
        said = button.act(purpose)
    except KeepingError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, str(said))


def _page_of(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=(row.pk,))
