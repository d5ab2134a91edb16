"""A letter is answered: the mail goes out, and the contact is over but for the after-call work."""

from accounts.models import User
from calls.models import Handling
from calls.services import facts
from calls.services.desk import letters
from calls.services.desk.errors import NotInHand
from calls.services.desk.locking import lock_desks
from calls.services.errors import WrongState
from calls.services.lifecycle import end_call


def answer_letter(part: Handling, text: str, *, by: User) -> None:
    """Raises NotInHand if the contact is over, and what letters.reply raises."""
    try:
        with facts.locked_call(part.entry.call_id) as call:
            lock_desks([by.pk])
            letters.reply(part.entry, by, text)
            end_call(call, reason="agent")
    except WrongState as over:
        raise NotInHand from over
