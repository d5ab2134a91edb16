"""Alerts: the limits, the risk words, and what was raised."""

from typing import Any

from django.contrib import admin
from django.db.models import ManyToManyField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from accounts.models import Role, User
from audit.admin import AuditedAdmin, FactAdmin
from calls.models import Alert, AlertRule, RiskWord
from calls.services.desk.alert_words import whom


@admin.register(AlertRule)
class AlertRuleAdmin(AuditedAdmin):
    list_display = ("kind", "threshold", "for_queue", "is_active")
    list_filter = ("kind", "is_active", "queue")
    list_select_related = ("queue",)
    search_fields = ("queue__name",)
    filter_horizontal = ("told",)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Only those who can open the wallboard, where a mail leads them."""
        leaders = (Role.SUPERVISOR, Role.ADMINISTRATOR)
        kwargs["queryset"] = User.objects.filter(is_active=True, role__in=leaders)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @display(description=_("queue"), ordering="queue__name")
    def for_queue(self, rule: AlertRule) -> object:
        return rule.queue or _("All queues")


@admin.register(RiskWord)
class RiskWordAdmin(AuditedAdmin):
    list_display = ("words", "language", "is_active")
    list_filter = ("language", "is_active")
    search_fields = ("words",)


@admin.register(Alert)
class AlertAdmin(FactAdmin):
    list_display = ("raised_at", "kind", "about", "value", "cleared_at", "acknowledged_by")
    list_filter = ("kind", "queue", ("raised_at", RangeDateTimeFilter))
    list_select_related = ("queue", "agent", "person", "acknowledged_by")
    search_fields = ("queue__name", "agent__display_name", "person__display_name")

    @display(description=_("about"))
    def about(self, alert: Alert) -> str:
        return whom(alert) or "–"
