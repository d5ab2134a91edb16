"""What every page of an agent carries of the desk: the state, and what rings."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from calls.models.desk_agent import STATES
from calls.models.offer import RoutingReason

register = template.Library()

ANY_ID = "00000000-0000-0000-0000-000000000000"
WORDS = {
    **{f"state_{state.value}": words for state, words in STATES},
    **{f"why_{reason.value}": reason.label for reason in RoutingReason},
    "why_": "",
    "why_only_one": _("You are the one who is free."),
    "after_this": _("{state}, after this"),
    "away": _("The desk is not connected…"),
    "went_offline": _("The connection was lost, so you are offline. Choose a state to go on."),
    "in_line_one": _("{count} waits"),
    "in_line_other": _("{count} wait"),
    "in_line_none": _("Nobody waits"),
    "talks_one": _("{count} conversation"),
    "talks_other": _("{count} conversations"),
    "media_video": _("By video"),
    "media_audio": _("By voice"),
    "media_text": _("In writing"),
    "contact_callback": _("Wants a call back"),
    "contact_message": _("Has written"),
    "ring_title": _("{name} · {queue}"),
    "ring_waited": _("has waited {timer}"),
    "ring_left": pgettext_lazy("countdown", "{secs} s"),
    "ring_news": _("{name} is waiting in {queue}."),
    "ring_consult": _("{name} asks for your advice: {note}"),
    "ring_gone": _("It does not ring any more."),
    "missed": _("You missed two offers, so you are on a break."),
    "failed": _("That did not work. Please try again."),
    # The contact's card
    "note_unsaved": _("Not saved yet…"),
    "note_saved": _("Saved. Only colleagues read it."),
    "note_again": _("Not saved: no connection. It is tried again."),
    "wraps_up": _("After-call work, {timer} left"),
}


@register.inclusion_tag("components/desk_presence.html", takes_context=True)
def desk_presence(context: dict[str, Any], *, with_bar: bool = True) -> dict[str, Any]:
    """The desk's part of a page; `with_bar`: with the agent's state, which a call page has no
    room for."""
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "with_bar": with_bar,
        "states": [(state.value, words) for state, words in STATES if state.value in CHOSEN],
        "words": {key: str(text) for key, text in WORDS.items()},
        "setup": {
            "socket": "/ws/desk/",
            "state": reverse("desk_state"),
            "accept": reverse("ring_accept", args=[ANY_ID]),
            "decline": reverse("ring_decline", args=[ANY_ID]),
            "anyId": ANY_ID,
        },
    }


CHOSEN = ("available", "break", "offline")
