"""The audit log in the administration, and how the other applications' rows appear there.

AuditedAdmin writes every change that is made in the administration to the audit log; FactAdmin
shows rows that are facts, and lets nobody add, change or delete them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.views import ChangeList

from audit.log import record
from audit.models import AuditEntry


def link_to(row: Model | None, text: object = None) -> SafeString:
    """A link to the row's own page in the administration, or a dash for None."""
    if row is None:
        return format_html("{}", "–")
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500 hover:underline" href="{}">{}</a>',
        reverse(name, args=(row.pk,)),
        text or row,
    )


class AuditedAdmin(ModelAdmin):
    """A ModelAdmin whose additions, changes and deletions are audited as well as logged."""

    list_per_page = 50
    list_filter_submit = True

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._audit(request, "added", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._audit(request, "changed", obj, fields=_changed_fields(message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for row in queryset:
            self._audit(request, "deleted", row)
        return super().log_deletions(request, queryset)

    def _audit(self, request: HttpRequest, verb: str, row: Model, **data: Any) -> None:
        name = row._meta.model_name or ""
        record(
            f"admin.{name}.{verb}",
            actor=request.user.pk,
            target_type=name,
            target=row.pk,
            **data,
        )


class FactAdmin(ModelAdmin):
    """Rows that say what happened: to be found and read, and nothing else."""

    list_per_page = 50
    list_filter_submit = True
    actions: Sequence[str] | None = None

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NamedEntries(ChangeList):
    """A page of entries with the names of the people in them, fetched in one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        names = _names(entry.actor for entry in self.result_list)
        for entry in self.result_list:
            entry.actor_name = names.get(entry.actor, entry.actor) or "–"


@admin.register(AuditEntry)
class AuditEntryAdmin(FactAdmin):
    list_display = ("at", "outcome", "action", "who", "target_type", "short_target", "purpose")
    list_filter = (
        ("at", RangeDateTimeFilter),
        "allowed",
        ("action", admin.AllValuesFieldListFilter),
    )
    search_fields = ("actor", "action", "target", "data__purpose")
    search_help_text = _("Action, a word of the purpose, or the id of a person or thing")
    fields = (
        "at",
        "allowed",
        "action",
        "who",
        "target_type",
        "target",
        "whole_purpose",
        "address",
        "data",
    )
    readonly_fields = ("who", "whole_purpose")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NamedEntries

    @display(description=_("outcome"), ordering="allowed", label={"yes": "success", "no": "danger"})
    def outcome(self, entry: AuditEntry) -> tuple[str, object]:
        return ("yes", _("Allowed")) if entry.allowed else ("no", _("Refused"))

    @display(description=_("who"), ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        name: str | None = getattr(entry, "actor_name", None)
        return name or _names([entry.actor]).get(entry.actor, entry.actor) or "–"

    @display(description=_("purpose"))
    def purpose(self, entry: AuditEntry) -> str:
        return Truncator(self.whole_purpose(entry)).chars(40)

    @display(description=_("purpose"))
    def whole_purpose(self, entry: AuditEntry) -> str:
        return str(entry.data.get("purpose") or "–")

    @display(description=_("thing"), ordering="target")
    def short_target(self, entry: AuditEntry) -> str:
        return Truncator(entry.target).chars(14)


def _names(actors: Iterable[str]) -> dict[str, str]:
    ids = {actor for actor in actors if len(actor) == 36}
    people = get_user_model().objects.filter(pk__in=ids)
    return {str(person.pk): str(person) for person in people}


def _changed_fields(message: Any) -> list[str]:
    """The names of the changed fields in Django's construct_change_message(), without values."""
    if not isinstance(message, list):
        return []
    return sorted({name for part in message for name in part.get("changed", {}).get("fields", [])})
