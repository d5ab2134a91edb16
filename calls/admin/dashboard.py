"""The administration's first page: the numbers of services/dashboard.py for its template."""

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from calls.admin import badges
from calls.models import Recording
from calls.services.dashboard import Dashboard, Day, dashboard
from calls.services.reasons import in_words

_TICKS = {"color": "#94a29b"}
_CHART_OPTIONS = {
    "animation": False,
    "responsive": True,
    "maintainAspectRatio": False,
    "maxBarThickness": 26,
    "borderRadius": 3,
    "plugins": {
        "legend": {
            "align": "end",
            "labels": {"boxWidth": 10, "boxHeight": 10, "color": "#94a29b"},
        },
    },
    "scales": {
        "x": {"stacked": True, "grid": {"display": False}, "ticks": _TICKS},
        "y": {
            "stacked": True,
            "beginAtZero": True,
            "suggestedMax": 4,
            "border": {"display": False},
            "grid": {"lineWidth": 0.5},
            "ticks": {**_TICKS, "precision": 0},
        },
    },
}
_STATES = dict(Recording._meta.get_field("state").flatchoices)


def dashboard_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's DASHBOARD_CALLBACK: what templates/admin/index.html shows, beside unfold's own."""
    user: Any = request.user
    house = dashboard(user.zone)
    return context | {
        "title": _("Dashboard"),
        "house": house,
        "zone": user.time_zone,
        "chart": json.dumps(_chart(house.days)),
        "chart_options": json.dumps(_CHART_OPTIONS),
        "chart_total": sum(day.visits for day in house.days),
        "recordings": _recordings(house),
        "recordings_total": sum(house.recordings.values()),
        "failures": [(row, in_words(row.reason)) for row in house.failures],
    }


def _chart(days: Sequence[Day]) -> dict[str, Any]:
    """chart.js data, in colours that stand out on the light ground and on the dark one."""
    parts = (
        (_("Took place"), [day.completed for day in days], "#2f8f6f"),
        (_("Booked"), [day.booked for day in days], "#8fd9bd"),
        (_("Cancelled"), [day.cancelled for day in days], "#94a29b"),
    )
    return {
        "labels": [date_format(day.date, _("j M")) for day in days],
        "datasets": [
            {"label": label, "data": data, "backgroundColor": colour, "stack": "visits"}
            for label, data, colour in parts
        ],
    }


def _recordings(house: Dashboard) -> list[dict[str, Any]]:
    address = reverse("admin:calls_recording_changelist")
    return [
        {
            "name": _STATES[state],
            "count": count,
            "tone": badges.RECORDING.get(state, ""),
            "address": f"{address}?state__exact={state}",
        }
        for state, count in house.recordings.items()
    ]
