"""Why a contact went to an agent, in words, and what came of the offer."""

from collections.abc import Sequence

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.decorators import display

from audit.admin import FactAdmin
from calls.admin import badges
from calls.models import QueueOffer, RoutingDecision
from calls.services.desk.names import names_in
from calls.templatetags.playback import clock

# Why agents at the desk were not asked, as the router counts them (calls/desk/router.py).
REFUSED = {
    "other_queue": _("do not answer this queue"),
    "skill": _("lack a skill that is required"),
    "language": _("do not speak the language"),
    "room": _("had their hands full"),
    "barred": _("had declined or missed it a moment ago"),
    "reserved": _("were not the one it was kept for"),
    "offered": _("were asked about somebody else in this round"),
}


# What a queue asks for and an agent lacks to whom a colleague handed somebody on.
LACKS = {
    "other_queue": _("answers other queues"),
    "skill": _("lacks a skill that is required"),
    "language": _("does not speak the language"),
}


@admin.register(RoutingDecision)
class RoutingDecisionAdmin(FactAdmin):
    list_display = ("at", "queue", "entry", "agent", "reason", "waited", "candidate_count")
    list_filter = (
        "reason",
        "queue",
        ("at", RangeDateTimeFilter),
        ("agent", AutocompleteSelectFilter),
    )
    list_select_related = ("queue", "entry", "agent")
    search_fields = ("entry__name", "agent__display_name", "agent__email")
    search_help_text = _("The name of the person or of the agent")
    fields = (
        ("at", "policy"),
        ("queue", "entry"),
        ("agent", "reason"),
        "waited",
        "candidate_list",
        "refused_list",
    )
    readonly_fields = ("waited", "candidate_list", "refused_list")

    @display(description=_("waited"), ordering="waited_secs")
    def waited(self, decision: RoutingDecision) -> str:
        return clock(decision.waited_secs)

    @display(description=_("who could have taken it"))
    def candidate_list(self, decision: RoutingDecision) -> SafeString:
        names = names_in(decision.candidates)
        rows = [
            (
                names.get(str(one["agent"]), "–"),
                _("idle for %(time)s") % {"time": clock(one["idle_secs"])},
                _wishes(one["preferred"]),
                _lacks(one.get("lacks", ())),
            )
            for one in decision.candidates
        ]
        more = decision.candidate_count - len(rows)
        return format_html(
            "<ol>{}</ol>{}",
            format_html_join("", "<li><strong>{}</strong> · {} · {}{}</li>", rows),
            _more(more) if more > 0 else "",
        )

    @display(description=_("who could not"))
    def refused_list(self, decision: RoutingDecision) -> SafeString | str:
        rows = [
            (count, REFUSED.get(word, word)) for word, count in decision.refused.items() if count
        ]
        if not rows:
            return "–"
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} {}</li>", rows))


@admin.register(QueueOffer)
class QueueOfferAdmin(FactAdmin):
    list_display = ("offered_at", "entry", "agent", "kind", "state_badge", "settled_at")
    list_filter = (
        "state",
        "kind",
        ("offered_at", RangeDateTimeFilter),
        ("agent", AutocompleteSelectFilter),
    )
    list_select_related = ("entry", "agent")
    search_fields = ("entry__name", "agent__display_name", "agent__email")
    fields = (
        "entry",
        "agent",
        "kind",
        "decision",
        "asked_by",
        "state",
        ("offered_at", "rings_until", "settled_at"),
    )

    @display(description=_("state"), ordering="state", label=badges.RING)
    def state_badge(self, offer: QueueOffer) -> tuple[str, str]:
        return offer.state, offer.get_state_display()


def _wishes(count: int) -> str:
    return ngettext("%(count)d wish met", "%(count)d wishes met", count) % {"count": count}


def _more(count: int) -> str:
    return ngettext("and %(count)d more", "and %(count)d more", count) % {"count": count}


def _lacks(words: Sequence[str]) -> SafeString | str:
    """What a colleague knew of the agent and handed somebody on all the same."""
    return format_html_join("", " · {}", ((LACKS.get(word, word),) for word in words))
