"""Recordings and the consents behind them."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from audit.admin import FactAdmin, link_to
from calls.admin import badges
from calls.admin.call import FactInline
from calls.admin.keeping_actions import KeepingActions
from calls.models import Artifact, Consent, Deletion, LegalHold, Recording, Track
from calls.services.retention import not_held
from calls.states import RecordingState

_PEOPLE = ("call__service", "call__agent")


class ConsentInline(FactInline):
    model = Consent
    fields = ("participant", "state", "text_version", "language", "given_at", "withdrawn_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        rows: QuerySet[Consent] = super().get_queryset(request).select_related("participant__user")
        return rows


class TrackInline(FactInline):
    model = Track
    fields = ("participant", "started_at", "ended_at", "end_reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Track]:
        rows: QuerySet[Track] = super().get_queryset(request).select_related("participant__user")
        return rows


class ArtifactInline(FactInline):
    model = Artifact
    fields = ("participant", "kind", "content_type", "size_bytes", "duration_secs")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Artifact]:
        rows: QuerySet[Artifact] = super().get_queryset(request).select_related("participant__user")
        return rows


class HoldInline(FactInline):
    model = LegalHold
    fields = ("placed_at", "purpose", "placed_by", "lifted_at", "lifted_by", "lifted_purpose")
    ordering = ("-placed_at",)


class DeletionInline(FactInline):
    model = Deletion
    fields = ("asked_at", "state", "purpose", "asked_by", "decided_by", "decided_at")
    ordering = ("-asked_at",)


class HeldFilter(admin.SimpleListFilter):
    title = _("legal hold")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, Any]]:
        return [("yes", _("Held")), ("no", _("Not held"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Recording]) -> QuerySet[Recording]:
        if self.value() == "yes":
            return rows.filter(pk__in=LegalHold.objects.standing().values("recording"))
        return not_held(rows) if self.value() == "no" else rows


@admin.register(Recording)
class RecordingAdmin(KeepingActions, FactAdmin):
    list_display = (
        "asked_at",
        "state_badge",
        "service",
        "patient",
        "agent",
        "length",
        "keeping",
        "reason",
    )
    list_filter = (
        "state",
        HeldFilter,
        ("asked_at", RangeDateTimeFilter),
        "call__service",
    )
    search_fields = (
        "id",
        "reason",
        "call__appointments__patient__display_name",
        "call__appointments__patient__email",
        "call__agent__display_name",
    )
    search_help_text = _("A person's name or e-mail address, a reason, or the recording's id")
    readonly_fields = ("id", "length", "hold_state", "call_link", "portal_link")
    fieldsets = (
        (None, {"fields": ("id", "state", "reason", "length", "call_link", "portal_link")}),
        (_("When"), {"fields": ("asked_at", "queued_at", "started_at", "stopped_at", "ready_at")}),
        (_("Kept"), {"fields": ("hold_state", "delete_after", "erased_at")}),
        (_("Recorder"), {"fields": ("lease_owner", "lease_expires_at", "attempts")}),
    )
    inlines = (ConsentInline, HoldInline, DeletionInline, TrackInline, ArtifactInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recording]:
        rows: QuerySet[Recording] = (
            super()
            .get_queryset(request)
            .select_related(*_PEOPLE)
            .prefetch_related("call__appointments__patient", "call__appointments__dependant")
            .defer("wrapped_key")
        )
        standing = LegalHold.objects.standing().filter(recording=OuterRef("pk"))
        return rows.annotate(held=Exists(standing))

    @display(description=_("state"), ordering="state", label=badges.RECORDING)
    def state_badge(self, recording: Recording) -> tuple[str, str]:
        return recording.state, recording.get_state_display()

    @display(description=_("service"), ordering="call__service__name")
    def service(self, recording: Recording) -> object:
        return recording.call.service or "–"

    @display(description=_("patient"))
    def patient(self, recording: Recording) -> object:
        return recording.call.patient_names or "–"

    @display(description=_("agent"), ordering="call__agent__display_name")
    def agent(self, recording: Recording) -> object:
        return recording.call.agent or "–"

    @display(description=_("length"))
    def length(self, recording: Recording) -> str:
        if not recording.length_secs:
            return "–"
        minutes, secs = divmod(int(recording.length_secs), 60)
        return f"{minutes}:{secs:02d}"

    @display(
        description=_("kept"),
        ordering="delete_after",
        label={"held": "warning", "erased": "danger"},
    )
    def keeping(self, recording: Recording) -> tuple[str, object]:
        if recording.state == RecordingState.ERASED:
            return "erased", _("Erased")
        if getattr(recording, "held", False):
            return "held", _("Held")
        if recording.delete_after is None:
            return "", "–"
        return "until", date_format(localtime(recording.delete_after), "SHORT_DATE_FORMAT")

    @display(description=_("legal hold"))
    def hold_state(self, recording: Recording) -> object:
        return _("Held") if getattr(recording, "held", False) else _("Not held")

    @display(description=_("call"))
    def call_link(self, recording: Recording) -> str:
        return link_to(recording.call, recording.call.appointment or recording.call)

    @display(description=_("in the portal"))
    def portal_link(self, recording: Recording) -> str:
        if recording.state != RecordingState.READY:
            return "–"
        address = reverse("recording", args=(recording.pk,))
        return format_html(
            '<a class="text-primary-600 underline" href="{}">{}</a>', address, _("Play")
        )


@admin.register(Consent)
class ConsentAdmin(FactAdmin):
    list_display = (
        "participant",
        "state_badge",
        "text_version",
        "language",
        "given_at",
        "withdrawn_at",
    )
    list_filter = ("state", "text_version", ("given_at", RangeDateTimeFilter))
    list_select_related = ("participant__user",)
    search_fields = ("participant__user__display_name", "participant__user__email", "text_version")
    search_help_text = _("A person's name or e-mail address, or a text version")
    ordering = ("-given_at",)
    readonly_fields = ("recording_link",)
    fields = (
        "participant",
        "state",
        "recording_link",
        "text_version",
        "language",
        "given_at",
        "refused_at",
        "withdrawn_at",
    )

    @display(description=_("state"), ordering="state", label=badges.CONSENT)
    def state_badge(self, consent: Consent) -> tuple[str, str]:
        return consent.state, consent.get_state_display()

    @display(description=_("recording"))
    def recording_link(self, consent: Consent) -> str:
        return link_to(consent.recording)
