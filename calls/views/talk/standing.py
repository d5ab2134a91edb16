"""Where a contact stands, in words, and what its person can do about it."""

from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from calls.desk.states import IN_LINE, EntryKind, EntryState
from calls.models import QueueEntry
from calls.services.desk.line import Place
from calls.views.talk.words import estimate_words


class Words(NamedTuple):
    icon: str
    title: str
    text: str


@dataclass(frozen=True)
class Standing:
    """`waits` now, with a page of the call that is theirs; or is still `in_line` for a call back or
    an answer. `wait`: how long it may take, where that is known."""

    entry: QueueEntry
    words: Words
    waits: bool
    in_line: bool
    may_call: bool
    wait: str

    @property
    def may_ask_back(self) -> bool:
        return self.waits and self.entry.queue.takes_callbacks and not self._is_booked

    @property
    def may_write(self) -> bool:
        return self.waits and self.entry.queue.takes_messages and not self._is_booked

    @property
    def _is_booked(self) -> bool:
        """It is a visit whose own agent is missing: they wait for that one all the same."""
        return self.entry.appointment_id is not None

    @property
    def leave_words(self) -> str:
        if self.entry.kind == EntryKind.MESSAGE:
            return _("Take the message back")
        if self.entry.kind == EntryKind.CALLBACK:
            return _("Do not call me back")
        return _("Give up the place")

    @property
    def leave_text(self) -> str:
        if self.entry.kind == EntryKind.MESSAGE:
            return _("Nobody answers it then.")
        if self._is_booked:
            return _("Your visit stays booked, and you go on waiting for your clinician alone.")
        return _("Whoever comes back later stands at the end of the line.")


def way_to(entry: QueueEntry) -> str:
    """Where somebody goes on: to the call while they wait for it or talk, else to their contact."""
    is_live = entry.kind == EntryKind.LIVE or entry.state == EntryState.ANSWERED
    if is_live and entry.kind != EntryKind.MESSAGE and entry.ended_at is None:
        return reverse("call", args=[entry.call_id])
    return reverse("contact", args=[entry.pk])


def standing_of(entry: QueueEntry, place: Place | None) -> Standing:
    """`place`: theirs in line, None if they have none."""
    in_line = entry.state in IN_LINE
    estimate = place.estimate if place else None
    is_letter = entry.kind == EntryKind.MESSAGE
    return Standing(
        entry=entry,
        words=words_for(entry, place.number if place else None),
        waits=in_line and entry.kind == EntryKind.LIVE,
        in_line=in_line,
        may_call=not is_letter and (in_line or entry.state == EntryState.ANSWERED),
        wait=estimate_words(estimate) if estimate else "",
    )


def words_for(entry: QueueEntry, number: int | None) -> Words:
    """The contact in a line, with the place in line of who has one."""
    if entry.state in IN_LINE:
        return _in_line(entry, number)
    if entry.state == EntryState.ANSWERED:
        return _answered(entry)
    if entry.state == EntryState.LEFT:
        return Words("door", _("You are not in line any more"), _("The place was given up."))
    if entry.state == EntryState.CLOSED:
        text = _("We are sorry that nobody could answer before.")
        return Words("clock", _("The queue has closed"), text)
    if entry.kind == EntryKind.MESSAGE:
        text = _("The answer was sent to %(email)s.") if entry.answer else ""
        return Words("check", _("Your message was answered"), text % {"email": entry.email})
    return Words("check", _("This conversation is over"), _("Thank you for coming."))


def _in_line(entry: QueueEntry, number: int | None) -> Words:
    queue = {"queue": entry.queue.name, "number": number}
    if entry.kind == EntryKind.MESSAGE:
        text = _("We answer to %(email)s. You can close this page.") % {"email": entry.email}
        return Words("mail", _("Your message is with us: %(queue)s") % queue, text)
    if entry.kind == EntryKind.CALLBACK:
        return Words("phone", _("We call you back: %(queue)s") % queue, _reached(entry))
    if number is None:
        return Words("clock", _("You are waiting in %(queue)s") % queue, "")
    text = _("Your place is kept for two minutes if you close the page of the call.")
    return Words("clock", _("You are waiting in %(queue)s: place %(number)d") % queue, text)


def _reached(entry: QueueEntry) -> str:
    where = {"phone": entry.phone, "email": entry.email}
    if entry.phone and entry.email:
        text = _("You keep your place. We call %(phone)s or write to %(email)s.")
    elif entry.phone:
        text = _("You keep your place. We call %(phone)s.")
    else:
        text = _("You keep your place. When it is your turn, a link comes to %(email)s.")
    return text % where


def _answered(entry: QueueEntry) -> Words:
    if entry.kind == EntryKind.MESSAGE:
        text = _("Somebody is reading your message. The answer comes to %(email)s.")
        return Words("mail", _("Your message is being answered"), text % {"email": entry.email})
    return Words("chat", _("Somebody is there for you"), _("Go back to the call."))
