"""The flight recorder in words: one sentence for the call, a line for each fact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from calls.services.flight import Flight, Kind

_SENTENCES: Mapping[Kind, str | Promise] = {
    Kind.NO_SAMPLES: _("Nothing was measured in this call."),
    Kind.GONE: _("%(who)s lost the connection at %(since)s and did not come back."),
    Kind.AWAY: _("%(who)s’s network went away for %(length)s, from %(since)s to %(until)s."),
    Kind.LOST: _("%(who)s lost the server for %(length)s, from %(since)s to %(until)s."),
    Kind.SERVER_AWAY: _(
        "%(who)s lost the server for %(length)s, from %(since)s to %(until)s; the call went on."
    ),
    Kind.INTERRUPTED: _("The connection between them broke from %(since)s to %(until)s."),
    Kind.LOSS_BOTH: _(
        "Both directions lost packets from %(since)s to %(until)s, up to %(percent)s %% of them."
    ),
    Kind.LOSS: _(
        "%(who)s’s uplink lost packets from %(since)s to %(until)s, up to %(percent)s %% of them."
    ),
    Kind.DELAY: _(
        "Everything took long from %(since)s to %(until)s: up to %(ms)s ms there and back."
    ),
    Kind.RELAY: _("Nothing went wrong. The call went through a relay."),
    Kind.FINE: _("Nothing went wrong."),
}
_TONES = {
    **dict.fromkeys((Kind.FINE, Kind.RELAY), "success"),
    **dict.fromkeys((Kind.NO_SAMPLES, Kind.SERVER_AWAY), "info"),
}


@dataclass(frozen=True)
class Sentence:
    text: str
    tone: str
    """`success`, `info` or `warning`, as components/alert.html knows them."""


def sentence(flight: Flight) -> Sentence:
    """What went wrong and on whose side, in the reader's language and time zone."""
    verdict = flight.verdict
    names = {person.pk: person.name for person in flight.people}
    values = {
        "who": names.get(verdict.who, "") if verdict.who else "",
        "since": _clock(verdict.since),
        "until": _clock(verdict.until),
        "length": _length(round(verdict.length.total_seconds())),
        "percent": round(100 * verdict.worst),
        "ms": round(verdict.worst),
    }
    text = str(_SENTENCES[verdict.kind])
    # A sentence without places is not a format.
    return Sentence(text % values if "%(" in text else text, _TONES.get(verdict.kind, "warning"))


def _clock(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "H:i:s") if moment else ""


def _length(secs: int) -> str:
    if secs < 120:
        return ngettext("%(secs)d second", "%(secs)d seconds", secs) % {"secs": secs}
    minutes = round(secs / 60)
    return ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}
