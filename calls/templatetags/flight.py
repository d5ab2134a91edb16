"""Template filters of the flight recorder: facts, steps and lanes in words."""

from collections.abc import Mapping, Sequence

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.models import Participant
from calls.protocol import FactKind
from calls.services.flight import Happening
from calls.services.playback import Entry
from calls.templatetags.playback import entry_icon, entry_words

register = template.Library()

# What a recording's own list does not tell, and what was said stays among the people.
_WORDS: Mapping[FactKind, str | Promise] = {
    FactKind.ENTERED: _("%(who)s passed the device check"),
    FactKind.CHAT: _("%(who)s wrote a message"),
    FactKind.RECORDING_QUEUED: _("Everybody had agreed to be recorded"),
}
_STEPS: Mapping[str, str | Promise] = {
    "full": _("Full picture"),
    "small": _("Small picture"),
    "audio": _("Sound only"),
    "text": _("Chat only"),
    "reconnecting": _("Reconnecting"),
}
_LANES: Mapping[str, str | Promise] = {
    "loss": _("Packets lost on the way, %"),
    "round_trip": _("There and back, ms"),
    "bitrate": _("Sent, kbit/s"),
    "picture": _("Height of the picture where it arrives, lines"),
}


@register.simple_tag
def happening_words(happening: Happening, people: Sequence[Participant]) -> str:
    who = next((one.name for one in people if one.pk == happening.who), str(_("The recorder")))
    if happening.kind in _WORDS:
        return str(_WORDS[happening.kind]) % {"who": who}
    return entry_words(_entry(happening, who))


@register.filter
def happening_icon(happening: Happening) -> str:
    return entry_icon(_entry(happening, ""))


@register.filter
def step_words(step: str) -> str:
    return str(_STEPS.get(step, step))


@register.filter
def lane_words(name: str) -> str:
    return str(_LANES[name])


@register.filter
def nth(people: Sequence[Participant], number: int) -> Participant:
    """The person whom a line or a row counts as `number`, from 1."""
    return people[number - 1]


def _entry(happening: Happening, who: str) -> Entry:
    return Entry(
        happening.kind, happening.at, None, who, text=happening.manner, again=happening.again
    )
