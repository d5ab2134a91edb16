"""Suggestions for the agent in words: each with the facts that it is made of."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from calls.desk.suggesting import Suggestion
from calls.models import QueueEntry
from calls.services.desk.cards import Card
from calls.services.desk.replies import Reply
from calls.services.desk.suggestions import FollowUp, Suggestions
from calls.views.intervals import day, every


@dataclass(frozen=True)
class SuggestedReply:
    reply: Reply
    reason: str


@dataclass(frozen=True)
class SuggestedVisit:
    """`address` opens the booking for the person; nothing is booked by it."""

    title: str
    reason: str
    address: str


def suggested_replies(
    suggestions: Suggestions, entry: QueueEntry, replies: Collection[Reply]
) -> list[SuggestedReply]:
    shown = {reply.pk: reply for reply in replies}
    return [
        SuggestedReply(shown[one.text], reply_reason(one, entry))
        for one in suggestions.replies()
        if one.text in shown
    ]


def reply_reason(one: Suggestion, entry: QueueEntry) -> str:
    reasons = []
    if one.words:
        words = ", ".join(_("“%(word)s”") % {"word": word} for word in one.words)
        said = ngettext("has the word %(words)s", "has the words %(words)s", len(one.words))
        reasons.append(said % {"words": words})
    if one.chosen:
        counted = {"chosen": one.chosen, "contacts": one.contacts, "queue": entry.queue.name}
        often = _("chosen in %(chosen)d of %(contacts)d contacts of %(queue)s")
        if one.code:
            often = _("chosen in %(chosen)d of %(contacts)d contacts of %(queue)s about %(code)s")
        reasons.append(often % (counted | {"code": one.code}))
    return " · ".join(reasons)


def suggested_visit(
    suggestions: Suggestions, entry: QueueEntry, card: Card, *, reader: User
) -> SuggestedVisit | None:
    found = suggestions.follow_up(card)
    if found is None:
        return None
    chosen = {"service": found.service.pk} | ({"agent": found.agent.pk} if found.agent else {})
    title = found.service.name
    if found.agent:
        title = _("%(service)s with %(agent)s") % {"service": title, "agent": found.agent}
    return SuggestedVisit(
        title=title,
        reason=visit_reason(found, entry, reader),
        address=f"{reverse('book_for', args=[entry.person_id])}?{urlencode(chosen)}",
    )


def visit_reason(found: FollowUp, entry: QueueEntry, reader: User) -> str:
    if found.rhythm:
        return _("Seen %(every)s so far, last on %(day)s; nothing is booked.") % {
            "every": every(found.rhythm.days),
            "day": day(found.rhythm.last, reader.zone),
        }
    assert found.followed
    counted = {
        "times": found.followed.times,
        "contacts": found.followed.contacts,
        "queue": entry.queue.name,
        "code": found.code,
    }
    if found.code:
        return (
            _(
                "Booked within 14 days after %(times)d of %(contacts)d contacts of %(queue)s about "
                "%(code)s."
            )
            % counted
        )
    return (
        _("Booked within 14 days after %(times)d of %(contacts)d contacts of %(queue)s.") % counted
    )
