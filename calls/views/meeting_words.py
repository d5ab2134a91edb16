"""What a meeting is called on its page: a visit if it was booked, a conversation out of a queue.

A noun cannot be pasted into sentences of other languages, so each is here twice as a whole. All
other words of the page suit both.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

VISIT: Mapping[str, str | Promise] = {
    "end": _("End visit"),
    "end_short": _("End visit"),
    "end_for_all": _("End the visit for everyone?"),
    "has_ended": _("The visit has ended"),
}
CONVERSATION: Mapping[str, str | Promise] = {
    "end": _("End conversation"),
    # Under a button of the bar, where the whole has no room.
    "end_short": pgettext_lazy("a conversation", "End"),
    "end_for_all": _("End the conversation for everyone?"),
    "has_ended": _("The conversation has ended"),
}
