"""Sends the mails of notices. The row is the queue: whoever sets its next try sends it."""

import logging
from datetime import timedelta
from uuid import UUID

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F
from django.utils import timezone

from audit.log import record
from calls.desk.states import OPEN_ENTRIES
from calls.models import Appointment, Invitation, Notice, NoticeKind, QueueEntry
from calls.services.calendar import calendar_file
from calls.services.desk.returning import LIFE_SECS
from calls.services.notices.words import as_person, mail_html, mail_text, words_of
from calls.states import MAIL, AppointmentState, CallState, MailState, sources

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 50
MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# A worker that dies while it sends is followed by another after this long.
SENDING = timedelta(minutes=2)
WITH_CALENDAR = (NoticeKind.BOOKED, NoticeKind.MOVED, NoticeKind.CANCELLED)


def send_due() -> int:
    """Send what is due, oldest first; returns how many went."""
    now = timezone.now()
    due = Notice.objects.filter(mail_state=MailState.DUE, mail_next_at__lte=now)
    ids = due.order_by("mail_next_at", "created_at").values_list("pk", flat=True)
    return sum(send(pk) for pk in list(ids[:MOST_AT_ONCE]))


def send(notice_id: UUID) -> bool:
    """Send one mail; False if it was not due, is not wanted any more, or could not go now.

    Claimed by its next try, so of two senders one sends. What a mail server did not take is tried
    again after 1, 2, 4 … minutes, eight times, and can be tried again by hand then.
    """
    now = timezone.now()
    mine = Notice.objects.filter(
        pk=notice_id, mail_state=MailState.DUE, mail_next_at__lte=now
    ).update(mail_next_at=now + SENDING, mail_attempts=F("mail_attempts") + 1)
    if not mine:
        return False
    people = (
        "person",
        "invitation__guest",
        "invitation__created_by",
        "invitation__call",
        "appointment__agent",
        "appointment__service",
        "offer__agent",
        "entry__person",
        "entry__queue",
    )
    notice = Notice.objects.select_related(*people).get(pk=notice_id)
    if not _is_wanted(notice):
        _finish(notice, MailState.NONE)
        return False
    try:
        _message(notice).send()
    except Exception:  # whatever a provider's library raises: the row says what comes next
        logger.exception("mail of notice %s was not taken", notice.pk)
        _try_later(notice)
        return False
    _finish(notice, MailState.SENT)
    return True


def try_again(notice: Notice, *, by: object) -> bool:
    """Put a failed mail back into the queue; False if it has not failed."""
    rows = Notice.objects.filter(pk=notice.pk, mail_state=MailState.FAILED)
    again = rows.update(mail_state=MailState.DUE, mail_attempts=0, mail_next_at=timezone.now())
    if again:
        record("notice.retry", actor=by, target_type="notice", target=notice.pk)
    return bool(again)


def _is_wanted(notice: Notice) -> bool:
    """Not of somebody who is gone, nor a reminder of what does not take place as it says."""
    if notice.invitation:
        return _is_wanted_by_guest(notice, notice.invitation)
    if notice.person and not notice.person.is_active:
        return False
    if notice.entry:
        return _is_wanted_by_contact(notice, notice.entry)
    visit = notice.appointment
    if notice.kind != NoticeKind.REMINDER or visit is None:
        return True
    is_so = visit.starts_at.isoformat() == notice.facts["starts_at"]
    return visit.state == AppointmentState.BOOKED and is_so and visit.starts_at > timezone.now()


def _is_wanted_by_contact(notice: Notice, entry: QueueEntry) -> bool:
    """Nobody is called to a talk that is over, or whose time has passed."""
    if notice.kind != NoticeKind.CALL_NOW:
        return True
    in_time = notice.created_at > timezone.now() - timedelta(seconds=LIFE_SECS)
    return in_time and entry.state in OPEN_ENTRIES


def _is_wanted_by_guest(notice: Notice, invitation: Invitation) -> bool:
    """A guest comes to a call, in whose group this or that patient may not."""
    if notice.kind == NoticeKind.CANCELLED:
        return True
    call = invitation.call
    if invitation.revoked_at is not None or call.state != CallState.OPEN or not call.starts_at:
        return False
    is_so = call.starts_at.isoformat() == notice.facts["starts_at"]
    return notice.kind != NoticeKind.REMINDER or (is_so and call.starts_at > timezone.now())


def _message(notice: Notice) -> EmailMultiAlternatives:
    with as_person(notice):
        words = words_of(notice)
        message = EmailMultiAlternatives(
            subject=words.subject,
            body=mail_text(notice, words),
            to=[notice.email],
            connection=get_connection(),
            # Says to mailboxes that nobody reads an automatic answer (RFC 3834).
            headers={"Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(mail_html(notice, words), "text/html")
        if notice.kind in WITH_CALENDAR and notice.appointment and notice.person:
            files = _calendar_files(notice.appointment, notice)
            for number, content in enumerate(files, start=1):
                # Programs show but one of several files that have the same name.
                name = f"visit-{number}.ics" if len(files) > 1 else "visit.ics"
                message.attach(name, content, "text/calendar")
    return message


def _calendar_files(visit: Appointment, notice: Notice) -> list[bytes]:
    """The visit as a file, or each visit of a series as one."""
    assert notice.person
    visits = [visit]
    if notice.facts.get("series") and visit.series:
        same = Appointment.objects.filter(series=visit.series, state=AppointmentState.BOOKED)
        visits = list(same.select_related("service", "agent").order_by("starts_at"))
    return [calendar_file(one, viewer=notice.person) for one in visits]


def _try_later(notice: Notice) -> None:
    if notice.mail_attempts >= MOST_ATTEMPTS:
        _finish(notice, MailState.FAILED)
        return
    pause = min(FIRST_PAUSE * 2 ** (notice.mail_attempts - 1), LONGEST_PAUSE)
    Notice.objects.filter(pk=notice.pk).update(mail_next_at=timezone.now() + pause)


def _finish(notice: Notice, state: MailState) -> None:
    sent_at = timezone.now() if state == MailState.SENT else None
    rows = Notice.objects.filter(pk=notice.pk, mail_state__in=sources(MAIL, state))
    rows.update(mail_state=state, mailed_at=sent_at)
