"""Visits as iCalendar (RFC 5545, RFC 5546): a file for one, a feed of a person's own.

No detail of health is in them: calendars are shared with families and employers.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from accounts.models import User
from calls.models import Appointment
from calls.states import AppointmentState

REMIND_BEFORE = timedelta(minutes=10)
# How often a program that reads a feed may ask (RFC 7986 section 5.7).
REFRESH = timedelta(hours=1)


def calendar_file(appointment: Appointment, *, viewer: User) -> bytes:
    """The visit as a calendar of one event, for one of its two people.

    PUBLISH and not REQUEST: the person need not answer, and no mailbox of ours would read a reply.
    The UID stays the same for ever and SEQUENCE grows with each change, so that a calendar replaces
    what it has; a cancelled visit takes it out.
    """
    cancelled = appointment.state == AppointmentState.CANCELLED
    calendar = _calendar()
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(_event(appointment, viewer))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def feed_file(appointments: Iterable[Appointment], *, viewer: User) -> bytes:
    """The visits as a calendar that a program reads again and again."""
    calendar = _calendar()
    calendar.add("name", _("Visits"))
    calendar.add("x-wr-calname", _("Visits"))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for appointment in appointments:
        calendar.add_component(_event(appointment, viewer))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Parlour//Parlour//EN")
    calendar.add("version", "2.0")
    return calendar


def _event(appointment: Appointment, viewer: User) -> Event:
    cancelled = appointment.state == AppointmentState.CANCELLED
    url = settings.PUBLIC_URL + reverse("appointment", args=[appointment.pk])
    zone = _zone(appointment)
    event = Event()
    event.add("uid", f"{appointment.pk}@{urlsplit(settings.PUBLIC_URL).hostname}")
    event.add("sequence", appointment.sequence)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("dtstamp", timezone.now().astimezone(UTC))
    event.add("created", appointment.created_at.astimezone(UTC))
    event.add("dtstart", _in_zone(appointment.starts_at, zone))
    event.add("dtend", _in_zone(appointment.ends_at, zone))
    event.add("summary", _summary(appointment, viewer))
    event.add("description", _("Join, change or cancel your visit here: %(url)s") % {"url": url})
    event.add("location", url)
    event.add("url", url)
    event.add("class", "PRIVATE")
    event.add("organizer", _organizer())
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    if not cancelled:
        event.add_component(_reminder())
    return event


def _summary(appointment: Appointment, viewer: User) -> str:
    """Whom a patient meets; of an agent's visitor nothing."""
    if viewer.pk == appointment.agent_id:
        return _("Video visit")
    return _("Video visit with %(name)s") % {"name": appointment.agent.display_name}


def _zone(appointment: Appointment) -> ZoneInfo:
    """The zone that it was booked in, whose clock it keeps."""
    try:
        return ZoneInfo(appointment.booked_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """UTC stays UTC ("Z"); any other zone goes by its IANA name, with a VTIMEZONE beside it.

    Of an hour that the clocks show twice a local time means the first (RFC 5545 section 3.3.5), so
    one in the second is written in UTC.
    """
    local = moment.astimezone(zone)
    return moment.astimezone(UTC) if zone.key == "UTC" or local.fold else local


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
