"""Notices in words: in the person's language and time zone, and without any detail of health.

Neither a subject nor a text names the service, the reason or what was answered before a visit; who
has written to the house is answered in the mail, as they asked. A mail to an agent does not
name the patient either, for a mailbox may be read by others. The rest stands behind the link.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calls.models import Notice, NoticeKind, QueueEntry
from calls.services.desk.alert_words import in_words
from calls.services.desk.returning import return_token


@dataclass(frozen=True)
class Words:
    """What one person reads: a subject, a sentence or two, and where the link leads; nowhere for
    a guest, whose own link only they have, unless they are called back."""

    subject: str
    sentences: list[str]
    url: str


@contextmanager
def as_person(notice: Notice) -> Iterator[None]:
    """In the language and the zone of whom the notice is for."""
    with translation.override(notice.language), timezone.override(notice.zone):
        yield


def words_of(notice: Notice) -> Words:
    """The notice in the language and zone that are active."""
    subject, sentences = _SAY[NoticeKind(notice.kind)](notice)
    path = path_of(notice)
    return Words(subject, sentences, settings.PUBLIC_URL + path if path else "")


def path_of(notice: Notice) -> str:
    """Where the portal shows more; "" for a guest who finds nothing there."""
    if notice.invitation_id:
        return ""
    if notice.entry:
        return _path_of_contact(notice, notice.entry)
    if notice.offer_id:
        return reverse("offer", args=[notice.offer_id])
    if notice.appointment_id:
        return reverse("appointment", args=[notice.appointment_id])
    return reverse("wallboard" if notice.kind == NoticeKind.ALERT else "home")


def _path_of_contact(notice: Notice, entry: QueueEntry) -> str:
    if notice.kind == NoticeKind.CALL_NOW:
        is_guest = notice.person_id is None
        return (
            reverse("contact_return", args=[return_token(entry)])
            if is_guest
            else reverse("call", args=[entry.call_id])
        )
    return reverse("contact", args=[entry.pk]) if notice.person_id else ""


def mail_text(notice: Notice, words: Words) -> str:
    return render_to_string("mail/notice.txt", {"notice": notice, "words": words})


def mail_html(notice: Notice, words: Words) -> str:
    return render_to_string("mail/notice.html", {"notice": notice, "words": words})


def moment(at: datetime) -> str:
    """Day, time and zone, as the active language writes them."""
    local = timezone.localtime(at)
    zone = str(timezone.get_current_timezone()).replace("_", " ")
    return _("%(day)s at %(time)s (%(zone)s)") % {
        "day": date_format(local, _("l, j F Y")),
        "time": date_format(local, "H:i"),
        "zone": zone,
    }


def _with(notice: Notice) -> str:
    """Whom a patient meets, or who invited a guest; agents are told nobody's name by mail."""
    assert notice.appointment
    if notice.invitation:
        return _("%(name)s has invited you.") % {"name": notice.invitation.created_by.display_name}
    if notice.person_id == notice.appointment.agent_id:
        return ""
    return _("You meet %(name)s.") % {"name": notice.appointment.agent.display_name}


def _start(notice: Notice) -> datetime:
    return datetime.fromisoformat(notice.facts["starts_at"])


def _booked(notice: Notice) -> tuple[str, list[str]]:
    series = [datetime.fromisoformat(at) for at in notice.facts.get("series", [])]
    if series:
        count = len(series)
        subject = ngettext("%(count)d visit is booked", "%(count)d visits are booked", count)
        return subject % {"count": count}, [*(moment(at) for at in series), _with(notice)]
    return _("Your visit is booked"), [moment(_start(notice)), _with(notice)]


def _moved(notice: Notice) -> tuple[str, list[str]]:
    before = datetime.fromisoformat(notice.facts["before"])
    return _("Your visit has a new time"), [
        _("New time: %(moment)s") % {"moment": moment(_start(notice))},
        _("Until now: %(moment)s") % {"moment": moment(before)},
        _with(notice),
        _way_in(notice),
    ]


def _cancelled(notice: Notice) -> tuple[str, list[str]]:
    if notice.invitation:
        return _("Your visit is cancelled"), [moment(_start(notice)), _with(notice)]
    assert notice.appointment
    by = notice.facts.get("by")
    if by == str(notice.person_id):
        why = _("You have cancelled it.")
    elif by in (str(notice.appointment.patient_id), str(notice.appointment.agent_id)):
        why = _("It was cancelled by the other side.")
    else:
        why = _("It was cancelled by the house.")
    return _("Your visit is cancelled"), [moment(_start(notice)), why]


def _reminder(notice: Notice) -> tuple[str, list[str]]:
    return _("Your visit is coming up"), [
        moment(_start(notice)),
        _with(notice),
        _("Please try your camera and microphone beforehand."),
        _way_in(notice),
    ]


def _way_in(notice: Notice) -> str:
    """How a guest gets in; for everybody else a link says it."""
    return _("The address that you were sent still leads there.") if notice.invitation else ""


def _offer(notice: Notice) -> tuple[str, list[str]]:
    assert notice.offer
    return _("An earlier time became free"), [
        moment(notice.offer.starts_at),
        _("It is kept for you until %(moment)s.") % {"moment": moment(notice.offer.expires_at)},
    ]


def _shared(notice: Notice) -> tuple[str, list[str]]:
    return _("Something was shared with you"), [_("You find it on the page of your visit.")]


def _missed(notice: Notice) -> tuple[str, list[str]]:
    return _("We did not see you"), [
        moment(_start(notice)),
        _("We waited for you at this time. If something went wrong, please book another visit."),
    ]


def _not_held(notice: Notice) -> tuple[str, list[str]]:
    return _("Your visit did not take place"), [
        moment(_start(notice)),
        _("You were there, and nobody let you in. We are sorry. Please book another visit."),
    ]


def _answer(notice: Notice) -> tuple[str, list[str]]:
    assert notice.entry
    return _("Your message was answered"), notice.entry.answer.splitlines()


def _call_now(notice: Notice) -> tuple[str, list[str]]:
    return _("We call you back now"), [
        _("Somebody is there for you. Open the page within two hours to talk."),
        _("You check camera and microphone first."),
    ]


def _alert(notice: Notice) -> tuple[str, list[str]]:
    facts = notice.facts
    words = in_words(facts["kind"], threshold=facts["threshold"], value=facts["value"])
    return _("The desk needs you"), [facts["queue"], words]


_SAY = {
    NoticeKind.BOOKED: _booked,
    NoticeKind.MOVED: _moved,
    NoticeKind.CANCELLED: _cancelled,
    NoticeKind.REMINDER: _reminder,
    NoticeKind.OFFER: _offer,
    NoticeKind.SHARED: _shared,
    NoticeKind.MISSED: _missed,
    NoticeKind.NOT_HELD: _not_held,
    NoticeKind.ANSWER: _answer,
    NoticeKind.CALL_NOW: _call_now,
    NoticeKind.ALERT: _alert,
}
