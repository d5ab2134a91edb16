"""Template filters of the recordings' pages: times on the recording's clock, facts in words."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.models import Recording
from calls.models.call import Manner
from calls.protocol import FactKind
from calls.services.playback import Entry, Gap
from calls.services.reasons import cause_in_words
from calls.states import RecordingState

register = template.Library()

_WORDS: dict[FactKind, Promise] = {
    FactKind.ADMITTED: _("%(who)s was admitted"),
    FactKind.JOINED: _("%(who)s joined"),
    FactKind.DROPPED: _("%(who)s lost the connection"),
    FactKind.LEFT: _("%(who)s left"),
    FactKind.REMOVED: _("%(who)s was sent away"),
    FactKind.HELD: _("%(who)s was put on hold"),
    FactKind.RESUMED: _("%(who)s was taken off hold"),
    FactKind.RECORD_ASKED: _("%(who)s asked to record"),
    FactKind.CONSENT_GIVEN: _("%(who)s agreed to be recorded"),
    FactKind.CONSENT_REFUSED: _("%(who)s did not agree to be recorded"),
    FactKind.CONSENT_WITHDRAWN: _("%(who)s withdrew their consent"),
    FactKind.RECORDING_DELAYED: _("No recorder had answered yet"),
    FactKind.RECORDING_STARTED: _("The recording started"),
    FactKind.RECORDING_STOPPED: _("The recording stopped"),
    FactKind.RECORDING_FAILED: _("The recording broke off"),
    FactKind.ENDED: _("The visit ended"),
}
_MANNERS = {
    Manner.LISTEN: _("%(who)s listens, as a supervisor"),
    Manner.WHISPER: _("%(who)s speaks with the agent only, as a supervisor"),
    Manner.JOIN: _("%(who)s takes part, as a supervisor"),
}
_CAME_BACK = _("%(who)s came back")
_ICONS = {
    FactKind.ADMITTED: "door",
    FactKind.JOINED: "user",
    FactKind.DROPPED: "signal",
    FactKind.LEFT: "sign-out",
    FactKind.REMOVED: "sign-out",
    FactKind.HELD: "pause",
    FactKind.RESUMED: "play",
    FactKind.SUPERVISED: "eye",
    FactKind.CHAT: "chat",
    FactKind.RECORD_ASKED: "record",
    FactKind.CONSENT_GIVEN: "shield",
    FactKind.CONSENT_REFUSED: "shield",
    FactKind.CONSENT_WITHDRAWN: "shield",
    FactKind.RECORDING_STARTED: "record",
    FactKind.RECORDING_STOPPED: "stop",
    FactKind.RECORDING_FAILED: "warning",
    FactKind.ENDED: "phone-down",
}


@register.filter
def clock(secs: float | None) -> str:
    """Seconds as on a clock: 65 gives "1:05", 3661 gives "1:01:01", None gives ""."""
    if secs is None:
        return ""
    minutes, rest = divmod(int(max(secs, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@register.filter
def length_secs(recording: Recording) -> float | None:
    """How long the recording ran, None if it never did or still does."""
    return recording.length_secs or None


@register.filter
def entry_words(entry: Entry) -> str:
    if entry.kind == FactKind.RECORD_ASKED and not entry.who:
        return str(_("Everybody was asked, as it was planned"))
    if entry.kind == FactKind.SUPERVISED:
        manner = Manner(entry.text) if entry.text in Manner.values else Manner.LISTEN
        return str(_MANNERS[manner]) % {"who": entry.who}
    words = _CAME_BACK if entry.again else _WORDS.get(entry.kind)
    return str(words) % {"who": entry.who} if words else entry.kind.replace("_", " ")


@register.filter
def entry_icon(entry: Entry) -> str:
    return _ICONS.get(entry.kind, "info")


@register.filter
def state_words(recording: Recording) -> str:
    """What a state means to somebody who wants to watch."""
    if recording.state == RecordingState.READY:
        return str(_("Ready to play"))
    if recording.state == RecordingState.FAILED:
        return str(_("Failed"))
    if recording.state == RecordingState.ERASED:
        return str(_("Erased"))
    return str(_("Being prepared"))


@register.filter
def state_tone(recording: Recording) -> str:
    tones = {
        RecordingState.READY.value: "success",
        RecordingState.FAILED.value: "danger",
        RecordingState.ERASED.value: "neutral",
    }
    return tones.get(recording.state, "warning")


_WHAT: dict[str, Promise] = {"audio": _("sound: %(why)s"), "video": _("picture: %(why)s")}


@register.filter
def gap_words(gap: Gap) -> str:
    """Why seconds are missing, and of what, if not of all."""
    why = cause_in_words(gap.cause)
    return str(_WHAT[gap.what]) % {"why": why} if gap.what else why
