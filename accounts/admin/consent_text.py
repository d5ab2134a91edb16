"""Consent texts: a new wording is a new version, the old ones stay as people saw them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.models import ConsentText
from audit.admin import AuditedAdmin


@admin.register(ConsentText)
class ConsentTextAdmin(AuditedAdmin):
    list_display = ("version", "language_badge", "title", "published_at")
    list_filter = ("language",)
    search_fields = ("version", "title", "body")
    search_help_text = _("Version, title or wording")
    fields = ("version", "language", "title", "body", "published_at")

    @display(description=_("language"), ordering="language", label=True)
    def language_badge(self, text: ConsentText) -> str:
        return text.get_language_display()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
