"""A person's private calendar address: made, replaced, switched off, and read without sign-in."""

from datetime import timedelta

from django.core import signing
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.models import Appointment, CalendarFeed
from calls.permissions import appointments_for

SALT = "calls.feed"
BACK = timedelta(days=90)
MOST_VISITS = 1000
NOTED_EVERY = timedelta(hours=1)


def token_of(person: User) -> str | None:
    """What the person's address ends with, or None while it is off."""
    feed = CalendarFeed.objects.filter(person=person, is_on=True).first()
    return signing.dumps([person.pk.hex, feed.serial], salt=SALT) if feed else None


def renew(person: User) -> None:
    """A new address, also the first; the one before is dead."""
    made = {"made_at": timezone.now(), "read_at": None, "is_on": True}
    feed, is_new = CalendarFeed.objects.get_or_create(person=person, defaults=made)
    if not is_new:
        CalendarFeed.objects.filter(pk=feed.pk).update(serial=F("serial") + 1, **made)
    record("feed.renew", actor=person.pk, target_type="user", target=person.pk)


def switch_off(person: User) -> None:
    """No address holds good; the next one is another."""
    # The row stays, so that no old serial ever comes back.
    CalendarFeed.objects.filter(person=person).update(serial=F("serial") + 1, is_on=False)
    record("feed.off", actor=person.pk, target_type="user", target=person.pk)


def reader(token: str) -> User | None:
    """Whose address it is, or None if it is forged, replaced, off, or of nobody any more."""
    try:
        person_id, serial = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    feeds = CalendarFeed.objects.filter(person=person_id, serial=serial, is_on=True)
    feed = feeds.filter(person__is_active=True).select_related("person").first()
    if feed is None:
        return None
    now = timezone.now()
    if feed.read_at is None or feed.read_at < now - NOTED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
    return feed.person


def visits_of(person: User) -> list[Appointment]:
    """What the calendar shows: all that is to come, and three months back."""
    since = timezone.now() - BACK
    rows = appointments_for(person).filter(ends_at__gt=since).order_by("starts_at")
    return list(rows[:MOST_VISITS])
