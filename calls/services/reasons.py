"""Why a recording ended or failed, in words for people; the codes are docs/recording.md's."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Somebody decided; everything else is a fault.
DECIDED = ("", "stopped", "ended", "refused", "withdrawn", "abandoned", "cancelled", "too_long")

_WORDS: dict[str, str | Promise] = {
    "stopped": _("The recording was stopped in the visit."),
    "ended": _("The visit ended."),
    "abandoned": _("Everybody had left the visit."),
    "refused": _("Somebody did not agree."),
    "withdrawn": _("Somebody withdrew their consent."),
    "cancelled": _("The visit was called off."),
    "too_long": _("The recording had reached its greatest length."),
    "no_recorder": _("No recorder was running."),
    "disk_full": _("The disk of the recorder was full."),
    "disk_failed": _("The disk of the recorder failed."),
    "disk_slow": _("The disk of the recorder was too slow."),
    "memory_limit": _("The recorder took too much memory."),
    "finalise_failed": _("The recording could not be prepared."),
    "key_unavailable": _("The encryption key was not available."),
    "nothing_captured": _("Nothing had arrived at the recorder."),
    "mixing_failed": _("The file could not be made."),
    "damaged": _("A part of the recording is damaged."),
}
_CAUSES: dict[str, str | Promise] = {
    "not_yet_consented": _("not yet agreed"),
    "connecting": _("connecting"),
    "refused": _("not agreed"),
    "withdrawn": _("consent withdrawn"),
    "muted": _("muted"),
    "camera_off": _("camera off"),
    "weak_line": _("weak connection"),
    "held": _("somebody on hold"),
    "listening": _("only listening"),
    "cut_out": _("taken out"),
    "left": _("away"),
    "replaced": _("came back with a new connection"),
    "network": _("connection lost"),
    "recorder_restarted": _("recorder restarted"),
    "memory_limit": _("recorder renewed: it took too much memory"),
    "lease_lost": _("another recorder took over"),
    "recorder_killed": _("recorder failed"),
    "stopped": _("recording stopped"),
    "ended": _("visit ended"),
    "too_much": _("more was sent than may be recorded"),
    "bad_offer": _("the browser could not be recorded"),
}


def in_words(reason: str) -> str:
    """A sentence for a known reason, the code itself for another one, "" for none."""
    return str(_WORDS.get(reason, reason.replace("_", " ")))


def cause_in_words(cause: str) -> str:
    """Why seconds of somebody are missing, in two or three words."""
    return str(_CAUSES.get(cause, cause.replace("_", " ")))
