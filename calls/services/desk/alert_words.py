"""Alerts in words, without anything that was said."""

from django.utils.translation import gettext as _

from calls.desk.alerts import AlertKind
from calls.models import Alert


def in_words(kind: str, *, threshold: int, value: int) -> str:
    """One sentence that names nobody, so that it may stand in a mail."""
    numbers = {"threshold": threshold, "value": value}
    words = {
        AlertKind.LONGEST_WAIT: _("Somebody has waited for longer than %(threshold)d s."),
        AlertKind.SERVICE_LEVEL: _(
            "The service level today is %(value)d %%, under the %(threshold)d %% of its rule."
        ),
        AlertKind.IDLE: _("An agent has been idle for longer than %(threshold)d min."),
        AlertKind.WAITING: _("%(value)d people wait, more than %(threshold)d."),
        AlertKind.RISK_WORD: _("A risk word was written in a conversation."),
    }
    return words[AlertKind(kind)] % numbers


def whom(alert: Alert) -> str:
    """The queue, agent or person whom it is about, by name; "" for none."""
    people = [one.display_name for one in (alert.agent, alert.person) if one]
    return " · ".join([*([alert.queue.name] if alert.queue else []), *people])
