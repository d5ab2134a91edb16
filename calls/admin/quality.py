"""What connections were like: numbers only, to look at."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from audit.admin import FactAdmin
from calls.admin import badges
from calls.models import QualitySample
from calls.templatetags.flight import step_words


@admin.register(QualitySample)
class QualitySampleAdmin(FactAdmin):
    list_display = (
        "moment",
        "between",
        "step_badge",
        "lost",
        "round_trip",
        "sent",
        "route",
    )
    list_filter = ("rung", "state", ("at", RangeDateTimeFilter))
    list_select_related = ("leg__participant__user", "other__participant__user")
    search_fields = (
        "call__id",
        "leg__id",
        "leg__participant__user__email",
        "leg__participant__user__display_name",
    )
    search_help_text = _("A person's name or e-mail address, or the call's id")
    ordering = ("-at",)
    fields = (
        "moment",
        "who",
        "step",
        "lost_in",
        "lost_out",
        "round_trip_ms",
        "jitter_ms",
        "in_kbps",
        "out_kbps",
        "available_kbps",
        "picture",
        "route",
        "flight_link",
    )
    readonly_fields = (
        "moment",
        "who",
        "step",
        "lost_in",
        "lost_out",
        "picture",
        "route",
        "flight_link",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[QualitySample]:
        rows: QuerySet[QualitySample] = (
            super().get_queryset(request).select_related(*self.list_select_related)
        )
        return rows

    @display(description=_("at"), ordering="at")
    def moment(self, sample: QualitySample) -> str:
        at = localtime(sample.at)
        return format_html('<span class="whitespace-nowrap">{}</span>', f"{at:%Y-%m-%d %H:%M:%S}")

    @display(description=_("who"), ordering="leg__participant__user__display_name")
    def between(self, sample: QualitySample) -> str:
        return format_html('<span class="whitespace-nowrap">{}</span>', self.who(sample))

    @display(description=_("who"))
    def who(self, sample: QualitySample) -> str:
        return f"{sample.leg.participant.name} → {sample.other.participant.name}"

    @display(description=_("step"), ordering="rung", label=badges.STEP)
    def step_badge(self, sample: QualitySample) -> tuple[str, str]:
        return _step(sample), step_words(_step(sample))

    @display(description=_("step"))
    def step(self, sample: QualitySample) -> str:
        return step_words(_step(sample))

    @display(description=_("lost in / out"), ordering="loss_in")
    def lost(self, sample: QualitySample) -> str:
        return f"{_percent(sample.loss_in)} / {_percent(sample.loss_out)}"

    @display(description=_("There and back"), ordering="round_trip_ms")
    def round_trip(self, sample: QualitySample) -> str:
        return f"{sample.round_trip_ms} ms"

    @display(description=_("Sent"), ordering="out_kbps")
    def sent(self, sample: QualitySample) -> str:
        return f"{sample.out_kbps} kbit/s"

    @display(description=_("loss, incoming"))
    def lost_in(self, sample: QualitySample) -> str:
        return _percent(sample.loss_in)

    @display(description=_("loss, outgoing"))
    def lost_out(self, sample: QualitySample) -> str:
        return _percent(sample.loss_out)

    @display(description=_("Picture where it arrives"))
    def picture(self, sample: QualitySample) -> str:
        if not sample.in_height:
            return "–"
        return f"{sample.in_width} × {sample.in_height}, {sample.in_fps}/s"

    @display(description=_("Route"), ordering="local")
    def route(self, sample: QualitySample) -> str:
        if not sample.local:
            return "–"
        return f"{sample.local} – {sample.remote}, {sample.protocol}"

    @display(description=_("flight recorder"))
    def flight_link(self, sample: QualitySample) -> str:
        address = reverse("call_flight", args=(sample.call_id,))
        return format_html('<a href="{}">{}</a>', address, _("What the connection was like"))


def _step(sample: QualitySample) -> str:
    return "reconnecting" if sample.state == "reconnecting" else sample.rung


def _percent(share: float | None) -> str:
    """A loss that nobody could tell is shown as unknown, not as none."""
    return "–" if share is None else f"{100 * share:.1f} %"
