"""Why something at the desk was refused; nothing has changed then."""

from django.utils.translation import gettext_lazy as _


class DeskError(Exception):
    """`reason` is what the person reads."""

    reason = _("That is not possible now.")


class QueueClosed(DeskError):
    reason = _("This queue is closed at the moment.")


class QueueFull(DeskError):
    reason = _("More people wait than we can answer. Please ask for a call back or write to us.")


class NotOffered(DeskError):
    reason = _("This queue does not offer that.")


class NotInLine(DeskError):
    reason = _("You do not wait in this queue any more.")


class NotALetter(DeskError):
    reason = _("Nobody can be answered here: this is not a message with an e-mail address.")


class NothingWritten(DeskError):
    reason = _("Write an answer of up to 4000 signs.")


class RepliedBefore(DeskError):
    reason = _("This message was answered before.")


class OfferGone(DeskError):
    reason = _("This was answered by somebody else, or the person has gone.")


class NotAtTheDesk(DeskError):
    reason = _("Only agents have a place at the desk.")


class NotNow(DeskError):
    reason = _("That is not possible while you talk.")


class EntryMoved(DeskError):
    reason = _("Somebody else has moved this person meanwhile. Please look again.")


class NoSuchAgent(DeskError):
    reason = _("This agent does not answer this queue.")


class NoteOutdated(DeskError):
    reason = _("This note was changed in another tab meanwhile. Please look again.")


class NotInHand(DeskError):
    reason = _("This conversation is not in your hands any more.")


class NotThere(DeskError):
    reason = _("Your colleague cannot take it now.")


class AskedAlready(DeskError):
    reason = _("Somebody is being asked already.")


class NotWaiting(DeskError):
    reason = _("This person does not wait any more. Nothing was changed.")


class NothingRings(DeskError):
    reason = _("Nothing rings for this person now. Nothing was changed.")


class WaitsThere(DeskError):
    reason = _("This person already waits in that queue.")


class AgentAway(DeskError):
    reason = _("This agent is not available now. Please choose somebody else.")


class AgentLacksSkill(DeskError):
    reason = _("This agent lacks a skill that the queue requires.")


class NotYourContact(DeskError):
    reason = _("Only the person themselves can answer this.")


class NotOver(DeskError):
    reason = _("You can answer this once somebody has spoken with you and it is over.")


class AnsweredBefore(DeskError):
    reason = _("You have answered this already. Thank you.")
