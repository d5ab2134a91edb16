"""What can be booked."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, ManyToManyField, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from accounts.models import User
from audit.admin import AuditedAdmin
from calls.admin.service_retention import apply_retention
from calls.forms.visit import QuestionFormSet
from calls.models import Question, Service
from calls.services import retention

_RETENTION_CHANGED = "parlour.retention_changed"


class QuestionInline(TabularInline):
    """What the service asks before a visit."""

    model = Question
    fields = ("position", "label", "help_text", "kind", "choices", "is_required")
    extra = 0
    formset = QuestionFormSet


@admin.register(Service)
class ServiceAdmin(AuditedAdmin):
    list_display = ("name", "length", "recording_badge", "agent_count", "is_active")
    list_filter = ("is_active", "recording_policy")
    search_fields = ("name", "description")
    filter_horizontal = ("agents",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "description",
                    "duration_minutes",
                    "media",
                    "language",
                    "capacity",
                    "is_active",
                )
            },
        ),
        (_("Who answers"), {"fields": ("agents",)}),
        (
            _("Times"),
            {
                "fields": (
                    ("buffer_before_minutes", "buffer_after_minutes"),
                    ("notice_minutes", "horizon_days"),
                    ("change_notice_minutes", "no_show_minutes"),
                    "reminder_minutes",
                )
            },
        ),
        (_("When the agent is missing"), {"fields": (("fallback_queue", "fallback_minutes"),)}),
        (_("Recording"), {"fields": ("recording_policy", "recording_quality")}),
        (_("How long recordings are kept"), {"fields": ("retention_days", "deletion_needs_two")}),
    )
    actions_detail = ("apply_retention",)
    inlines = (QuestionInline,)

    @action(description=_("Apply to existing recordings"), icon="update", url_path="retention")
    def apply_retention(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return apply_retention(request, get_object_or_404(Service, pk=object_id))

    def response_change(self, request: HttpRequest, obj: Service) -> HttpResponse:
        """After a change of the days, ask whether the recordings that exist are to follow."""
        response: HttpResponse = super().response_change(request, obj)
        change = retention.preview(obj) if _RETENTION_CHANGED in request.META else None
        if change is None or not (change.longer or change.shorter or change.kept_by_two):
            return response
        return HttpResponseRedirect(reverse("admin:calls_service_apply_retention", args=(obj.pk,)))

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "retention_days" in form.changed_data:
            request.META[_RETENTION_CHANGED] = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        rows: QuerySet[Service] = super().get_queryset(request).annotate(people=Count("agents"))
        return rows

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "agents":
            kwargs["queryset"] = User.objects.agents()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @display(description=_("length"), ordering="duration_minutes")
    def length(self, service: Service) -> str:
        return _("%(minutes)d min") % {"minutes": service.duration_minutes}

    @display(
        description=_("recording"),
        ordering="recording_policy",
        label={"ask": "primary", "booking": "warning"},
    )
    def recording_badge(self, service: Service) -> tuple[str, str]:
        return service.recording_policy, service.get_recording_policy_display()

    @display(description=_("agents"), ordering="people")
    def agent_count(self, service: Service) -> int:
        count: int = getattr(service, "people", 0)
        return count

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A service with visits stays; it is taken off the booking page by "can be booked".
        if obj is not None and obj.appointments.exists():
            return False
        return bool(super().has_delete_permission(request, obj))
