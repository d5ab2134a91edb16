"""Why a visit was not booked, moved or cancelled."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class BookingError(Exception):
    """Nothing changed. `reason` is for the person."""

    reason: str | Promise = ""

    def __init__(self) -> None:
        super().__init__(str(self.reason))


class NotOffered(BookingError):
    reason = _("This visit cannot be booked with this person. Please choose again.")


class InThePast(BookingError):
    reason = _("This time has already passed. Please choose another one.")


class TooSoon(BookingError):
    reason = _("This time is too near. Please choose a later one.")


class TooFarAhead(BookingError):
    reason = _("This time is too far ahead. Please choose an earlier one.")


class OutsideHours(BookingError):
    reason = _("This time is outside the opening hours. Please choose one that is offered.")


class PatientBusy(BookingError):
    reason = _("You already have a visit at this time. Please choose another time.")


class SlotTaken(BookingError):
    """Somebody else has it. `next_times` are the next free starts, in UTC; there may be none."""

    reason = _("Somebody else has just taken this time. Please choose another one.")

    def __init__(self, next_times: Sequence[datetime] = ()) -> None:
        super().__init__()
        self.next_times = tuple(next_times)


class NotCancellable(BookingError):
    reason = _("This visit is over or was cancelled before.")


class UnderWay(BookingError):
    reason = _("This visit has begun. End it on its own page.")


class TooLateToChange(BookingError):
    reason = _("It is too late to change this visit here. Please call us.")


class AlreadyWaiting(BookingError):
    reason = _("You are on the waiting list for this already.")


class OfferGone(BookingError):
    reason = _("This time is not kept for you any more. You are still on the waiting list.")


class ChangedMeanwhile(BookingError):
    reason = _("This visit was changed a moment ago. Please look again.")


class NoPlaceForGuests(BookingError):
    reason = _(
        "At this time there is no place for the guests of this visit. Withdraw their links first,"
        " or choose another time."
    )


class NotMovable(BookingError):
    reason = _("This visit has begun, is over or was cancelled. Please book another one.")
