"""Letting the recordings that exist follow their service's days."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldBooleanSwitchWidget

from accounts.posted import posted
from calls.models import Service
from calls.services import retention


class ShortenForm(forms.Form):
    shorten = forms.BooleanField(
        label=gettext_lazy("Shorten too, and erase at once what is over by that"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )


def apply_retention(request: HttpRequest, service: Service) -> HttpResponse:
    """What would change, and by a POST does; shortening only where the box is ticked."""
    user: Any = request.user
    back = reverse("admin:calls_service_change", args=(service.pk,))
    form = ShortenForm(posted(request))
    if request.method == "POST" and form.is_valid():
        changed = retention.apply(user, service, shorten=form.cleaned_data["shorten"])
        said = ngettext(
            "%(count)d recording follows now.", "%(count)d recordings follow now.", changed
        )
        messages.success(request, said % {"count": changed})
        return HttpResponseRedirect(back)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Service._meta,
        "original": service,
        "title": _("Apply to existing recordings"),
        "service": service,
        "change": retention.preview(service),
        "form": form,
        "back": back,
    }
    return TemplateResponse(request, "admin/retention.html", context)
