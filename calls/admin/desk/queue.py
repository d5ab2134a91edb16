"""Queues: who answers them, when they are open, and what they promise."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, ManyToManyField, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import display

from accounts.models import User
from audit.admin import AuditedAdmin, FactAdmin
from calls.forms.queue import QueueDayFormSet, QueueForm, QueueHoursFormSet, QueueTextForm
from calls.models import Queue, QueueDay, QueueHours, QueueText
from calls.services.desk import rounds
from calls.services.desk.opening import opening


class HoursInline(TabularInline):
    model = QueueHours
    formset = QueueHoursFormSet
    fields = ("weekday", "starts", "ends")
    extra = 0
    tab = True


class DaysInline(TabularInline):
    model = QueueDay
    formset = QueueDayFormSet
    fields = ("date", "starts", "ends")
    extra = 0
    tab = True


class TextsInline(StackedInline):
    model = QueueText
    form = QueueTextForm
    verbose_name = _("language")
    verbose_name_plural = _("texts in other languages")
    fields = ("language", "greeting", "at_hand", "closing")
    extra = 0
    tab = True


@admin.register(Queue)
class QueueAdmin(AuditedAdmin):
    form = QueueForm
    list_display = ("name", "open_badge", "target", "agent_count", "priority", "next_queue")
    list_filter = ("is_active", "is_public", "service")
    list_select_related = ("overflow",)
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    filter_horizontal = ("agents", "required_skills", "preferred_skills")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "slug"),
                    "description",
                    ("is_active", "is_public"),
                    ("service", "media", "priority"),
                )
            },
        ),
        (_("Who answers"), {"fields": ("agents", "required_skills", "preferred_skills")}),
        (_("Languages"), {"fields": ("languages", "language_rule")}),
        (_("What is promised"), {"fields": (("target_secs", "target_percent"),)}),
        (_("Offers and after-call work"), {"fields": (("ring_secs", "wrap_up_secs"),)}),
        (_("When many wait"), {"fields": ("most_waiting", ("most_wait_secs", "overflow"))}),
        (_("Opening hours"), {"fields": (("time_zone", "holiday_place"),)}),
        (
            _("What people are told and offered"),
            {
                "fields": (
                    "greeting",
                    "at_hand",
                    "closing",
                    ("takes_callbacks", "takes_messages", "hold_music"),
                )
            },
        ),
        (
            _("How long words and names are kept"),
            {
                "fields": (
                    ("notes_kept_days", "writing_kept_days"),
                    ("details_kept_days", "comments_kept_days"),
                    "chat_kept_days",
                    "forgets_older",
                ),
                "description": _(
                    "Counted from the end of each contact, for those that exist too. That "
                    "somebody came, when, and to whom stays, and so do all figures."
                ),
            },
        ),
    )
    inlines = (HoursInline, DaysInline, TextsInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Queue]:
        rows: QuerySet[Queue] = super().get_queryset(request).annotate(people=Count("agents"))
        return rows.prefetch_related("hours", "days")

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "agents":
            kwargs["queryset"] = User.objects.agents()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Who may be offered to whom can be different now."""
        super().save_related(request, form, formsets, change)
        rounds.request()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A queue in which somebody has waited stays; it is closed by "takes people".
        if obj is not None and obj.entries.exists():
            return False
        return bool(super().has_delete_permission(request, obj))

    @display(description=_("now"), label={"open": "success", "closed": "warning", "off": "danger"})
    def open_badge(self, queue: Queue) -> tuple[str, object]:
        if not queue.is_active:
            return "off", _("Switched off")
        if opening(queue, timezone.now()).is_open:
            return "open", _("Open")
        return "closed", _("Closed")

    @display(description=_("target"), ordering="target_secs")
    def target(self, queue: Queue) -> str:
        return _("%(percent)d %% in %(secs)d s") % {
            "percent": queue.target_percent,
            "secs": queue.target_secs,
        }

    @display(description=_("agents"), ordering="people")
    def agent_count(self, queue: Queue) -> int:
        count: int = getattr(queue, "people", 0)
        return count

    @display(description=_("then on to"), ordering="overflow__name")
    def next_queue(self, queue: Queue) -> str:
        return queue.overflow.name if queue.overflow else "–"


@admin.register(QueueHours)
class QueueHoursAdmin(FactAdmin):
    """Changed on the page of their queue, where they are compared with each other."""

    list_display = ("queue", "weekday", "starts", "ends")
    list_filter = ("weekday", "queue")
    list_select_related = ("queue",)
    search_fields = ("queue__name",)


@admin.register(QueueDay)
class QueueDayAdmin(FactAdmin):
    """Changed on the page of their queue."""

    list_display = ("queue", "date", "starts", "ends")
    list_filter = ("queue",)
    list_select_related = ("queue",)
    search_fields = ("queue__name",)


@admin.register(QueueText)
class QueueTextAdmin(FactAdmin):
    """Changed on the page of their queue."""

    list_display = ("queue", "language", "greeting")
    list_filter = ("queue", "language")
    list_select_related = ("queue",)
    search_fields = ("queue__name", "greeting", "at_hand", "closing")
