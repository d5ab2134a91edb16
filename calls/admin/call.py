"""Calls, the people in them, their connections and facts. What was written is not shown here."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from audit.admin import FactAdmin, link_to
from calls.admin import badges
from calls.models import CallEvent, CallSession, Leg, Participant, Recording
from calls.protocol import FactKind


class FactInline(TabularInline):
    """Rows below their owner's, only to be read."""

    extra = 0
    can_delete = False
    show_change_link = True
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ParticipantInline(FactInline):
    model = Participant
    fields = ("name", "role", "state", "waiting_since", "admitted_at")
    readonly_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        rows: QuerySet[Participant] = super().get_queryset(request).select_related("user")
        return rows

    @display(description=_("name"))
    def name(self, participant: Participant) -> str:
        return participant.name


class RecordingInline(FactInline):
    model = Recording
    fields = ("state", "asked_at", "started_at", "stopped_at", "reason")


class EventInline(FactInline):
    model = CallEvent
    fields = ("seq", "at", "kind", "by")
    ordering = ("seq",)
    per_page = 50
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallEvent]:
        rows: QuerySet[CallEvent] = (
            super().get_queryset(request).select_related("by__user").defer("data")
        )
        return rows


@admin.register(CallSession)
class CallAdmin(FactAdmin):
    list_display = (
        "created_at",
        "state_badge",
        "service",
        "patient",
        "agent",
        "live_at",
        "ended_at",
        "recording_count",
    )
    list_filter = ("state", ("created_at", RangeDateTimeFilter), "service")
    search_fields = (
        "id",
        "appointments__patient__display_name",
        "appointments__patient__email",
        "agent__display_name",
        "service__name",
    )
    search_help_text = _("A person's name or e-mail address, the service, or the call's id")
    fields = ("id", "state", "appointment_link", "flight", "created_at", "live_at", "ended_at")
    readonly_fields = ("id", "appointment_link", "flight")
    inlines = (ParticipantInline, RecordingInline, EventInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallSession]:
        rows: QuerySet[CallSession] = super().get_queryset(request).with_people()
        return rows.annotate(recorded=Count("recordings"))

    @display(description=_("state"), ordering="state", label=badges.CALL)
    def state_badge(self, call: CallSession) -> tuple[str, str]:
        return call.state, call.get_state_display()

    @display(description=_("service"), ordering="service__name")
    def service(self, call: CallSession) -> object:
        return call.service or "–"

    @display(description=_("patient"))
    def patient(self, call: CallSession) -> object:
        return call.patient_names or "–"

    @display(description=_("agent"), ordering="agent__display_name")
    def agent(self, call: CallSession) -> object:
        return call.agent or "–"

    @display(description=_("appointment"))
    def appointment_link(self, call: CallSession) -> str:
        return link_to(call.appointment)

    @display(description=_("flight recorder"))
    def flight(self, call: CallSession) -> object:
        address = reverse("call_flight", args=[call.pk])
        return format_html('<a href="{}">{}</a>', address, _("What the connection was like"))

    @display(description=_("recordings"), ordering="recorded")
    def recording_count(self, call: CallSession) -> int:
        count: int = getattr(call, "recorded", 0)
        return count


@admin.register(Participant)
class ParticipantAdmin(FactAdmin):
    list_display = ("name", "role", "state_badge", "waiting_since", "admitted_at", "call_link")
    list_filter = ("role", "state")
    list_select_related = ("user", "call")
    search_fields = ("user__display_name", "user__email", "call__id")
    fields = ("name", "role", "state", "waiting_since", "admitted_at", "call_link")
    readonly_fields = ("name", "call_link")

    @display(description=_("name"), ordering="user__display_name")
    def name(self, participant: Participant) -> str:
        return participant.name

    @display(description=_("state"), ordering="state", label=badges.PARTICIPANT)
    def state_badge(self, participant: Participant) -> tuple[str, str]:
        return participant.state, participant.get_state_display()

    @display(description=_("call"))
    def call_link(self, participant: Participant) -> str:
        return link_to(participant.call, participant.call.get_state_display())


@admin.register(Leg)
class LegAdmin(FactAdmin):
    list_display = ("connected_at", "who", "state_badge", "seen_at", "closed_at", "epoch")
    list_filter = ("state", ("connected_at", RangeDateTimeFilter))
    list_select_related = ("participant__user",)
    search_fields = ("id", "participant__user__display_name", "participant__user__email")
    ordering = ("-connected_at",)
    fields = ("id", "who", "state", "epoch", "connected_at", "seen_at", "closed_at")
    readonly_fields = ("id", "who")

    @display(description=_("who"), ordering="participant__user__display_name")
    def who(self, leg: Leg) -> str:
        return leg.participant.name

    @display(description=_("state"), ordering="state", label=badges.LEG)
    def state_badge(self, leg: Leg) -> tuple[str, str]:
        return leg.state, leg.get_state_display()


@admin.register(CallEvent)
class CallEventAdmin(FactAdmin):
    list_display = ("at", "kind_badge", "by", "seq", "call_link")
    list_filter = ("kind", ("at", RangeDateTimeFilter))
    list_select_related = ("by__user", "call")
    search_fields = ("call__id", "by__user__display_name")
    search_help_text = _("A person's name, or the call's id")
    ordering = ("-at", "-seq")
    fields = ("at", "kind_badge", "by", "seq", "call_link", "details")
    readonly_fields = ("kind_badge", "call_link", "details")

    @display(description=_("kind"), ordering="kind", label=True)
    def kind_badge(self, event: CallEvent) -> str:
        return event.kind.replace("_", " ")

    @display(description=_("call"))
    def call_link(self, event: CallEvent) -> str:
        return link_to(event.call, event.call.get_state_display())

    @display(description=_("details"))
    def details(self, event: CallEvent) -> str:
        if event.kind == FactKind.CHAT:
            return str(_("A message. Its text belongs to the people in the call."))
        return ", ".join(f"{name}: {value}" for name, value in event.data.items()) or "–"
