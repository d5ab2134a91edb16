"""What a device test found, in words: for whoever tests, and in short for those who help them."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.services.readiness import GOOD
from calls.views.call_words import WORDS

# What the test page says beside the words about devices that the call page has too.
TEST_WORDS: Mapping[str, str | Promise] = {
    "test_waits": _("Not tested yet"),
    "test_runs": _("Testing…"),
    "test_browser_ok": _("Your browser can hold video visits."),
    "test_browser_old": _("Please use a current version of Chrome, Edge, Firefox or Safari."),
    "test_camera_ok": _("Your camera works."),
    "test_microphone_ok": _("We hear you."),
    "test_microphone_speak": _("Say a few words, please."),
    "test_microphone_silent": _(
        "We hear nothing. Is the microphone switched off, or is another one in use?"
    ),
    "test_speaker_ask": _("Play the sound, and say whether you hear it."),
    "test_speaker_ok": _("You hear us."),
    "test_speaker_silent": _("Turn the volume up, or choose another speaker, and try again."),
    "test_network_ok": _("Your connection is good."),
    "test_network_slow": _(
        "Your connection is slow. Go nearer to your router, or use another network."
    ),
    "test_network_no_relay": _(
        "This network holds back video. Try another one, a mobile phone's for example."
    ),
    "test_network_no_socket": _(
        "This network does not let visits through. Try another one, a mobile phone's for example."
    ),
    "test_ready": _("Everything works. You are ready for your visit."),
    "test_problem": _("Not everything works yet"),
    "test_problem_text": _(
        "See below what helps, then test again. Whom you meet sees that you may need help."
    ),
    "test_saving_failed": _("The result could not be saved. Please test again."),
}
_FROM_THE_CALL = ("this_browser", "refused_", "missing_", "in_use_", "insecure_", "other_")

# For staff, who see a list of them.
IN_SHORT: Mapping[tuple[str, str], str | Promise] = {
    ("browser", "old"): _("Browser too old"),
    ("camera", "refused"): _("Camera not allowed"),
    ("camera", "missing"): _("No camera"),
    ("camera", "in_use"): _("Camera in use elsewhere"),
    ("camera", "insecure"): _("Page not secure"),
    ("camera", "other"): _("Camera does not start"),
    ("microphone", "refused"): _("Microphone not allowed"),
    ("microphone", "missing"): _("No microphone"),
    ("microphone", "in_use"): _("Microphone in use elsewhere"),
    ("microphone", "insecure"): _("Page not secure"),
    ("microphone", "other"): _("Microphone does not start"),
    ("microphone", "silent"): _("Microphone silent"),
    ("speaker", "silent"): _("Hears nothing"),
    ("speaker", "skipped"): _("Sound not tested"),
    ("network", "slow"): _("Slow network"),
    ("network", "no_relay"): _("Network holds back video"),
    ("network", "no_socket"): _("Network blocks visits"),
}
NOT_TESTED = _("Not tested")


def words() -> dict[str, str]:
    """What the test page's modules say, by key."""
    shared = {key: text for key, text in WORDS.items() if key.startswith(_FROM_THE_CALL)}
    return {key: str(text) for key, text in (shared | dict(TEST_WORDS)).items()}


def problems(parts: Mapping[str, str] | None) -> list[str | Promise]:
    """What is wrong, one word of each part; empty if nothing is or nothing was tested."""
    wrong = [(part, found) for part, found in (parts or {}).items() if found != GOOD]
    return list(dict.fromkeys(IN_SHORT.get(one, NOT_TESTED) for one in wrong))
