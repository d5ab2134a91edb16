"""A visit as an iCalendar file (RFC 5545, RFC 5546)."""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from calls.models import Appointment
from calls.states import AppointmentState

REMIND_BEFORE = timedelta(minutes=10)


def calendar_file(appointment: Appointment, *, url: str, zone: ZoneInfo, other: str) -> bytes:
    """The visit with the person `other` as a calendar of one event, its times in `zone`.

    `url` is the absolute address of the visit's page. The UID stays the same for ever and SEQUENCE
    grows with each change, so that a calendar replaces what it has; a cancelled visit takes it out.
    """
    cancelled = appointment.state == AppointmentState.CANCELLED
    calendar = Calendar()
    calendar.add("prodid", "-//Parlour//Parlour//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    event = Event()
    event.add("uid", f"{appointment.pk}@{urlsplit(settings.PUBLIC_URL).hostname}")
    event.add("sequence", appointment.sequence)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("dtstamp", timezone.now().astimezone(UTC))
    event.add("created", appointment.created_at.astimezone(UTC))
    event.add("dtstart", _in_zone(appointment.starts_at, zone))
    event.add("dtend", _in_zone(appointment.ends_at, zone))
    event.add(
        "summary", _("%(service)s with %(name)s") % {"service": appointment.service, "name": other}
    )
    event.add("description", _("Join, change or cancel your visit here: %(url)s") % {"url": url})
    event.add("location", url)
    event.add("url", url)
    event.add("organizer", _organizer())
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    if not cancelled:
        event.add_component(_reminder())
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """UTC stays UTC ("Z"); any other zone goes by its IANA name, with a VTIMEZONE beside it."""
    return moment.astimezone(UTC) if zone.key == "UTC" else moment.astimezone(zone)


def _organizer() -> vCalAddress:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"MAILTO:{address}")
    organizer.params["cn"] = vText(name or "Parlour")
    return organizer


def _reminder() -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _("Your visit begins soon."))
    alarm.add("trigger", -REMIND_BEFORE)
    return alarm
