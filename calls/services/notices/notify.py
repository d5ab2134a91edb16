"""Each function tells everybody whom one thing concerns, once, in the transaction of that thing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import Role, User
from calls.models import Alert, Appointment, Invitation, Notice, NoticeKind, QueueEntry, SlotOffer
from calls.states import MailState

KEYS_AT_ONCE = 1000
# Which of a person's choices covers the mail of each kind.
CHOICES = {
    NoticeKind.BOOKED: "mails_bookings",
    NoticeKind.MOVED: "mails_bookings",
    NoticeKind.CANCELLED: "mails_bookings",
    NoticeKind.MISSED: "mails_bookings",
    NoticeKind.NOT_HELD: "mails_bookings",
    NoticeKind.SHARED: "mails_bookings",
    NoticeKind.REMINDER: "mails_reminders",
    NoticeKind.OFFER: "mails_offers",
}


def booked(appointment: Appointment) -> None:
    """Confirm to both people that it is booked."""
    _tell_both(appointment, NoticeKind.BOOKED)


def booked_series(appointments: Sequence[Appointment]) -> None:
    """Confirm a whole series with one notice to each person."""
    first = appointments[0]
    times = [one.starts_at.isoformat() for one in appointments]
    _tell_both(first, NoticeKind.BOOKED, series=times)


def moved(appointment: Appointment, *, before: datetime, guests: Iterable[Invitation]) -> None:
    """Tell both people the new time, and the guests who go along; `before` is the old start."""
    _tell_both(appointment, NoticeKind.MOVED, before=before.isoformat())
    _tell_guests(guests, NoticeKind.MOVED, appointment, before=before.isoformat())


def cancelled(appointment: Appointment, *, by: User, guests: Iterable[Invitation]) -> None:
    """Tell both people and those guests that it does not take place."""
    _tell_both(appointment, NoticeKind.CANCELLED, by=str(by.pk))
    _tell_guests(guests, NoticeKind.CANCELLED, appointment)


def missed(appointment: Appointment) -> None:
    """Tell the patient that they were missed."""
    _tell(appointment.patient, NoticeKind.MISSED, appointment, key="missed")


def not_held(appointment: Appointment) -> None:
    """Tell the patient, who came and was not let in, that it did not take place."""
    _tell(appointment.patient, NoticeKind.NOT_HELD, appointment, key="not_held")


def shared(appointment: Appointment, *, key: str) -> None:
    """Tell the patient that a note or a file is there; `key` tells one such thing from another."""
    _tell(appointment.patient, NoticeKind.SHARED, appointment, key=f"shared:{key}")


def reminded(appointment: Appointment, *, minutes: int) -> bool:
    """Remind both people and all guests, once for each time of the visit and each number of
    minutes before; whether that was done now."""
    key = _reminder_key(appointment, minutes)
    if Notice.objects.filter(key=_key(appointment, appointment.patient, key)).exists():
        return False
    for person in (appointment.patient, appointment.agent):
        _tell(person, NoticeKind.REMINDER, appointment, key=key, minutes=minutes)
    guests = Invitation.objects.filter(call=appointment.call_id, revoked_at__isnull=True)
    _tell_guests(guests, NoticeKind.REMINDER, appointment, minutes=minutes)
    return True


def reminded_before(wanted: Iterable[tuple[Appointment, int]]) -> set[tuple[UUID, int]]:
    """Which of these reminders were made before, as ids and minutes, in one query for each
    thousand."""
    keys = {
        _key(visit, visit.patient, _reminder_key(visit, minutes)): (visit.pk, minutes)
        for visit, minutes in wanted
    }
    names = list(keys)
    known: set[str] = set()
    for begin in range(0, len(names), KEYS_AT_ONCE):
        some = names[begin : begin + KEYS_AT_ONCE]
        known.update(Notice.objects.filter(key__in=some).values_list("key", flat=True))
    return {keys[name] for name in known}


def offered(offer: SlotOffer) -> None:
    """Tell somebody on the waiting list that a time is kept for them."""
    person = offer.entry.patient
    _save(
        Notice(
            key=f"offer:{offer.pk}",
            person=person,
            kind=NoticeKind.OFFER,
            offer=offer,
            mail_state=_mail_state(person, NoticeKind.OFFER),
        )
    )


def letter_answered(entry: QueueEntry) -> None:
    """Send the answer to whoever wrote."""
    _tell_contact(entry, NoticeKind.ANSWER, once="")


def called_back(entry: QueueEntry, *, at: datetime) -> None:
    """Send the way to the call to whoever is called back, once a minute at most."""
    _tell_contact(entry, NoticeKind.CALL_NOW, once=f":{at.timestamp() // 60:.0f}")


def _tell_contact(entry: QueueEntry, kind: NoticeKind, *, once: str) -> None:
    """By mail in any case, as they asked for it; an account in the portal too."""
    _save(
        Notice(
            key=f"{entry.pk}:{kind}{once}",
            person=None if entry.person.role == Role.GUEST else entry.person,
            entry=entry,
            kind=kind,
            mail_state=MailState.DUE,
        )
    )


def alerted(alert: Alert, people: Iterable[User]) -> None:
    """Tell those who lead the desk that something needs them, whom the administration has named;
    once for each raising, and nothing of what was said or by whom."""
    facts = {"kind": alert.kind, "threshold": alert.threshold, "value": alert.value}
    for person in people:
        _save(
            Notice(
                key=f"alert:{alert.pk}:{person.pk}",
                person=person,
                kind=NoticeKind.ALERT,
                facts={**facts, "queue": alert.queue.name if alert.queue else ""},
                mail_state=MailState.DUE if person.is_active else MailState.NONE,
            )
        )


def _tell_guests(
    guests: Iterable[Invitation], kind: NoticeKind, appointment: Appointment, **facts: object
) -> None:
    """By mail, those whose address is known."""
    starts_at = appointment.starts_at
    change = f"{appointment.pk}:{appointment.sequence}"
    # Of a group they are reminded once, whoever of it is reminded first.
    once = f"{starts_at.timestamp():.0f}:{facts['minutes']}" if "minutes" in facts else change
    for invitation in guests:
        if not invitation.email:
            continue
        _save(
            Notice(
                key=f"{invitation.pk}:{kind}:{once}",
                invitation=invitation,
                kind=kind,
                appointment=appointment,
                facts={"starts_at": starts_at.isoformat(), **facts},
                mail_state=MailState.DUE,
            )
        )


def _tell_both(appointment: Appointment, kind: NoticeKind, **facts: object) -> None:
    for person in (appointment.patient, appointment.agent):
        _tell(person, kind, appointment, key=f"{kind}:{appointment.sequence}", **facts)


def _tell(
    person: User, kind: NoticeKind, appointment: Appointment, *, key: str, **facts: object
) -> None:
    _save(
        Notice(
            key=_key(appointment, person, key),
            person=person,
            kind=kind,
            appointment=appointment,
            facts={"starts_at": appointment.starts_at.isoformat(), **facts},
            mail_state=_mail_state(person, kind),
        )
    )


def _reminder_key(appointment: Appointment, minutes: int) -> str:
    return f"reminder:{appointment.starts_at.timestamp():.0f}:{minutes}"


def _key(appointment: Appointment, person: User, key: str) -> str:
    return f"{appointment.pk}:{person.pk}:{key}"


def _save(notice: Notice) -> None:
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


def _mail_state(person: User, kind: NoticeKind) -> MailState:
    wanted = person.is_active and getattr(person, CHOICES[kind])
    return MailState.DUE if wanted else MailState.NONE
