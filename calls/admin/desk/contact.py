"""Contacts: who waited where and how long, and what happened; never what was said."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.decorators import display

from audit.admin import FactAdmin, link_to
from calls.admin import badges
from calls.admin.call import FactInline
from calls.models import (
    EntryEvent,
    Handling,
    QueueEntry,
    QueueOffer,
    RoutingDecision,
    SurveyAnswer,
)
from calls.services.desk.names import about_whom, names_in
from calls.templatetags.playback import clock

_PERSON = ("name", "person__display_name", "person__email")
_OF_ENTRY = ("entry__name", "agent__display_name", "agent__email")


class EventInline(FactInline):
    model = EntryEvent
    fields = ("at", "kind", "by", "about")
    readonly_fields = ("about",)
    ordering = ("at", "pk")
    per_page = 50
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[EntryEvent]:
        rows: QuerySet[EntryEvent] = super().get_queryset(request).select_related("by")
        return rows

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        events = EntryEvent.objects.filter(entry=obj) if obj else ()
        self._names = names_in(event.data for event in events)
        return super().get_formset(request, obj, **kwargs)

    @display(description=_("whom and where"))
    def about(self, event: EntryEvent) -> str:
        return about_whom(event.data, self._names)


class DecisionInline(FactInline):
    model = RoutingDecision
    fields = ("at", "agent", "reason", "candidate_count", "waited_secs")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoutingDecision]:
        rows: QuerySet[RoutingDecision] = super().get_queryset(request).select_related("agent")
        return rows


class OfferInline(FactInline):
    model = QueueOffer
    fields = ("offered_at", "agent", "kind", "state", "settled_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[QueueOffer]:
        rows: QuerySet[QueueOffer] = super().get_queryset(request).select_related("agent")
        return rows


@admin.register(QueueEntry)
class QueueEntryAdmin(FactAdmin):
    list_display = ("arrived_at", "queue", "name", "kind", "state_badge", "agent", "waited")
    list_display_links = ("arrived_at", "name")
    list_filter = (
        "state",
        "kind",
        "queue",
        ("arrived_at", RangeDateTimeFilter),
        ("agent", AutocompleteSelectFilter),
    )
    list_select_related = ("queue", "agent")
    search_fields = (*_PERSON, "id")
    search_help_text = _("A person's name or e-mail address, or the contact's id")
    ordering = ("-arrived_at",)
    fields = (
        "id",
        ("queue", "kind", "state"),
        ("name", "person"),
        ("language", "media"),
        "origin",
        "call_link",
        ("arrived_at", "queued_at"),
        ("answered_at", "ended_at"),
        ("agent", "waited"),
        ("reserved_for", "reserved_until"),
    )
    readonly_fields = ("id", "call_link", "waited")
    inlines = (EventInline, DecisionInline, OfferInline)

    @display(description=_("state"), ordering="state", label=badges.ENTRY)
    def state_badge(self, entry: QueueEntry) -> tuple[str, str]:
        return entry.state, entry.get_state_display()

    @display(description=_("waited"))
    def waited(self, entry: QueueEntry) -> str:
        until = entry.answered_at or entry.ended_at or timezone.now()
        return clock((until - entry.arrived_at).total_seconds())

    @display(description=_("call"))
    def call_link(self, entry: QueueEntry) -> str:
        return link_to(entry.call)


@admin.register(EntryEvent)
class EntryEventAdmin(FactAdmin):
    list_display = ("at", "entry", "kind", "by")
    list_filter = ("kind", ("at", RangeDateTimeFilter))
    list_select_related = ("entry", "by")
    search_fields = ("entry__name", "entry__id")
    ordering = ("-pk",)
    fields = ("at", "entry", "kind", "by", "about")
    readonly_fields = ("about",)

    @display(description=_("whom and where"))
    def about(self, event: EntryEvent) -> str:
        return about_whom(event.data, names_in([event.data]))


@admin.register(Handling)
class HandlingAdmin(FactAdmin):
    """Who spoke with whom and for how long; the note stays with those who wrote it."""

    list_display = ("began_at", "entry", "agent", "state", "talk", "code", "is_consult")
    list_filter = (
        "state",
        "is_consult",
        "code",
        ("began_at", RangeDateTimeFilter),
        ("agent", AutocompleteSelectFilter),
    )
    list_select_related = ("entry", "agent", "code")
    search_fields = _OF_ENTRY
    ordering = ("-began_at",)
    fields = (
        "entry",
        "agent",
        "state",
        "is_consult",
        ("began_at", "talked_until", "done_at"),
        "code",
    )

    @display(description=_("talk"))
    def talk(self, handling: Handling) -> str:
        until = handling.talked_until or timezone.now()
        return clock((until - handling.began_at).total_seconds())


@admin.register(SurveyAnswer)
class SurveyAnswerAdmin(FactAdmin):
    list_display = ("answered_at", "entry", "queue", "agent", "score", "solved")
    list_filter = ("score", "solved", "entry__queue", ("answered_at", RangeDateTimeFilter))
    list_select_related = ("entry__queue", "entry__agent")
    search_fields = ("entry__name", "entry__agent__display_name")

    @display(description=_("queue"), ordering="entry__queue__name")
    def queue(self, answer: SurveyAnswer) -> str:
        return answer.entry.queue.name

    @display(description=_("agent"), ordering="entry__agent__display_name")
    def agent(self, answer: SurveyAnswer) -> object:
        return answer.entry.agent or "–"
