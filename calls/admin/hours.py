"""When people are there; the portal's calendar is where that is edited with ease."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter
from unfold.decorators import display

from accounts.models import User
from audit.admin import AuditedAdmin, FactAdmin
from calls.models import Availability, DayHours, TakenTime, TimeOff


class OfAnAgent(AuditedAdmin):
    """Hours of one agent, in their zone."""

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "agent":
            kwargs["queryset"] = User.objects.agents()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("time zone"), ordering="agent__time_zone")
    def zone(self, hours: Availability | DayHours) -> str:
        return hours.agent.time_zone


@admin.register(Availability)
class AvailabilityAdmin(OfAnAgent):
    list_display = ("agent", "weekday", "starts", "ends", "zone")
    list_display_links = ("agent", "weekday")
    list_filter = ("weekday", ("agent", AutocompleteSelectFilter))
    list_select_related = ("agent",)
    search_fields = ("agent__display_name", "agent__email")
    search_help_text = _("The agent's name or e-mail address")


@admin.register(DayHours)
class DayHoursAdmin(OfAnAgent):
    list_display = ("agent", "date", "starts", "ends", "zone")
    list_display_links = ("agent", "date")
    list_filter = (("date", RangeDateFilter), ("agent", AutocompleteSelectFilter))
    list_select_related = ("agent",)
    search_fields = ("agent__display_name", "agent__email")


@admin.register(TimeOff)
class TimeOffAdmin(FactAdmin):
    """Entered in the portal, where visits that stand in the way are named."""

    list_display = ("agent", "starts_at", "ends_at", "note", "created_by")
    list_filter = (("agent", AutocompleteSelectFilter),)
    list_select_related = ("agent", "created_by")
    search_fields = ("agent__display_name", "agent__email", "note")


@admin.register(TakenTime)
class TakenTimeAdmin(FactAdmin):
    list_display = ("person", "starts_at", "ends_at", "what")
    list_filter = (("person", AutocompleteSelectFilter),)
    list_select_related = ("person",)
    search_fields = ("person__display_name", "person__email")

    @display(description=_("taken for"))
    def what(self, taken: TakenTime) -> object:
        if taken.call_id:
            return _("A visit, as its agent")
        if taken.appointment_id:
            return _("A visit, as its patient")
        return _("Time off") if taken.time_off_id else _("Kept for the waiting list")
