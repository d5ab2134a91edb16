"""Booked visits: found and read here, booked and cancelled in the portal by its own rules."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.decorators import display

from audit.admin import FactAdmin, link_to
from calls.admin import badges
from calls.models import Appointment


@admin.register(Appointment)
class AppointmentAdmin(FactAdmin):
    list_display = ("starts_at", "state_badge", "service", "patient", "agent", "call_link")
    list_filter = (
        "state",
        ("starts_at", RangeDateTimeFilter),
        "service",
        ("agent", AutocompleteSelectFilter),
    )
    search_fields = (
        "patient__display_name",
        "patient__email",
        "agent__display_name",
        "agent__email",
        "service__name",
    )
    search_help_text = _("A person's name or e-mail address, or the service")
    list_select_related = ("service", "patient", "agent", "call")
    ordering = ("-starts_at",)
    fieldsets = (
        (None, {"fields": ("state", "service_link", "patient_link", "dependant", "agent_link")}),
        (_("When"), {"fields": ("starts_at", "ends_at", "booked_zone", "checked_in_at")}),
        (_("Call"), {"fields": ("call_link", "recording_policy")}),
        (
            _("History"),
            {
                "fields": (
                    "created_at",
                    "booked_by",
                    "follow_up_of",
                    "series",
                    "sequence",
                    "cancelled_at",
                    "cancelled_by",
                )
            },
        ),
    )
    readonly_fields = ("service_link", "patient_link", "agent_link", "call_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        rows: QuerySet[Appointment] = (
            super().get_queryset(request).select_related(*self.list_select_related)
        )
        return rows

    @display(description=_("state"), ordering="state", label=badges.APPOINTMENT)
    def state_badge(self, appointment: Appointment) -> tuple[str, str]:
        return appointment.state, appointment.get_state_display()

    @display(description=_("service"))
    def service_link(self, appointment: Appointment) -> str:
        return link_to(appointment.service)

    @display(description=_("patient"))
    def patient_link(self, appointment: Appointment) -> str:
        return link_to(appointment.patient)

    @display(description=_("agent"))
    def agent_link(self, appointment: Appointment) -> str:
        return link_to(appointment.agent)

    @display(description=_("call"))
    def call_link(self, appointment: Appointment) -> str:
        call = getattr(appointment, "call", None)
        return link_to(call, call.get_state_display() if call else None)
