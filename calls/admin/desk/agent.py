"""Agents at the desk: what they can, and what they did all day."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.decorators import display

from accounts.models import User
from audit.admin import AuditedAdmin, FactAdmin
from calls.admin import badges
from calls.forms.queue import DeskAgentForm
from calls.models import AgentSpan, DeskAgent, Skill
from calls.models.queue import language_names
from calls.services.desk import rounds

_NAME = ("user__display_name", "user__email")


@admin.register(Skill)
class SkillAdmin(AuditedAdmin):
    list_display = ("name",)
    search_fields = ("name",)


@admin.register(DeskAgent)
class DeskAgentAdmin(AuditedAdmin):
    """What agents do now is theirs, and a supervisor's on the wallboard; here is what they can."""

    form = DeskAgentForm
    list_display = ("user", "state_badge", "since", "skill_names", "language_list", "most_chats")
    list_filter = ("state", "skills")
    list_select_related = ("user",)
    search_fields = _NAME
    search_help_text = _("The agent's name or e-mail address")
    filter_horizontal = ("skills",)
    fields = ("user", "skills", "languages", "most_chats", "now", "since")
    readonly_fields = ("now", "since")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("skills")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", *self.readonly_fields) if obj is not None else self.readonly_fields

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.agents().filter(desk__isnull=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: DeskAgent, form: Any, change: bool) -> None:
        """What was changed here and nothing else: the agent's state goes on meanwhile."""
        if change:
            obj.save(update_fields={"languages", "most_chats"} & set(form.changed_data))
        else:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        rounds.request()

    @display(description=_("state"), ordering="state", label=badges.AGENT)
    def state_badge(self, desk: DeskAgent) -> tuple[str, str]:
        return desk.state, desk.get_state_display()

    @display(description=_("state"))
    def now(self, desk: DeskAgent) -> str:
        return desk.get_state_display()

    @display(description=_("skills"))
    def skill_names(self, desk: DeskAgent) -> str:
        return ", ".join(skill.name for skill in desk.skills.all()) or "–"

    @display(description=_("languages"))
    def language_list(self, desk: DeskAgent) -> str:
        return ", ".join(name for _code, name in language_names(desk.languages)) or "–"


@admin.register(AgentSpan)
class AgentSpanAdmin(FactAdmin):
    list_display = ("starts_at", "agent", "state_badge", "ends_at", "reason")
    list_filter = (
        "state",
        ("starts_at", RangeDateTimeFilter),
        ("agent", AutocompleteSelectFilter),
    )
    list_select_related = ("agent__user",)
    search_fields = tuple(f"agent__{name}" for name in _NAME)
    ordering = ("-starts_at",)

    @display(description=_("state"), ordering="state", label=badges.AGENT)
    def state_badge(self, span: AgentSpan) -> tuple[str, str]:
        return span.state, span.get_state_display()
