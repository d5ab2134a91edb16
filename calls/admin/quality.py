"""What connections were like: numbers only, to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from audit.admin import FactAdmin
from calls.models import QualitySample


@admin.register(QualitySample)
class QualitySampleAdmin(FactAdmin):
    list_display = (
        "at",
        "who",
        "rung",
        "state",
        "loss_in",
        "loss_out",
        "round_trip_ms",
        "in_kbps",
        "out_kbps",
        "local",
        "protocol",
    )
    list_filter = ("rung", "state", ("at", RangeDateTimeFilter))
    list_select_related = ("leg__participant__user",)
    search_fields = ("call__id", "leg__id", "leg__participant__user__email")
    ordering = ("-at",)

    @display(description=_("who"), ordering="leg__participant__user__display_name")
    def who(self, sample: QualitySample) -> str:
        return sample.leg.participant.name
