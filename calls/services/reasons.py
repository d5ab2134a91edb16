"""Why a recording ended or failed, in words for people; the codes are docs/recording.md's."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Somebody decided; everything else is a fault.
DECIDED = ("", "stopped", "ended", "refused", "withdrawn", "abandoned")

_WORDS: dict[str, str | Promise] = {
    "stopped": _("The recording was stopped in the visit."),
    "ended": _("The visit ended."),
    "abandoned": _("Everybody had left the visit."),
    "refused": _("Somebody did not agree."),
    "withdrawn": _("Somebody withdrew their consent."),
    "no_recorder": _("No recorder was running."),
    "disk_full": _("The disk of the recorder was full."),
    "key_unavailable": _("The encryption key was not available."),
    "nothing_captured": _("Nothing had arrived at the recorder."),
    "empty": _("Nothing had arrived at the recorder."),
}


def in_words(reason: str) -> str:
    """A sentence for a known reason, the code itself for another one, "" for none."""
    return str(_WORDS.get(reason, reason.replace("_", " ")))
