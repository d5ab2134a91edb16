"""Recordings: the list, and the page that plays one."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import Role
from audit.log import record
from calls.archive.accounts import LEAST_GAP_SECS
from calls.archive.evening import volumes
from calls.archive.ledger import ledgers
from calls.archive.playback import open_artifact
from calls.archive.store import StorageAway
from calls.archive.vault import KeyUnavailable, VaultError
from calls.models import ErasureCertificate, Recording
from calls.permissions import get_or_404, recordings_for
from calls.services import cutting, media_links, purposes
from calls.services.copies import copies
from calls.services.playback import Gap, Person, Playback, Span, narrowed, playback
from calls.services.playback_quality import qualities
from calls.services.reasons import cause_in_words, in_words
from calls.services.recording_search import PREPARED, RecordingSearch, search
from calls.states import RecordingState
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest

logger = logging.getLogger(__name__)

PER_PAGE = 20


@require_safe
@login_required
@never_cache
@vary_on_headers("HX-Request")
def recordings(request: SignedInRequest) -> HttpResponse:
    """All that the person may see; the form sends itself while they type."""
    user = request.user
    form = RecordingSearch(request.GET)
    found = search(user, form)
    context = {
        "form": form,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "searched": any(request.GET.get(name) for name in form.fields),
        "sees_all": user.role in (Role.SUPERVISOR, Role.ADMINISTRATOR),
    }
    partial = request.headers.get("HX-Target") == "recordings"
    return render(
        request, "recordings/_results.html" if partial else "recordings/list.html", context
    )


@require_safe
@signed_in_or_404
@never_cache
@vary_on_headers("HX-Request")
def recording(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Play it, or say how far it is; a page that waits asks again by htmx until it is ready.

    503 while key or storage are away. Who was not in the visit first says what for.
    """
    user = request.user
    found = get_or_404(recordings_for(user), pk, user=user, action="recording.view")
    waiting = found.state in PREPARED
    if request.headers.get("HX-Request"):
        answer = render(request, "recordings/_waiting.html", {"recording": found})
        if not waiting:
            answer["HX-Refresh"] = "true"
        return answer
    record("recording.view", actor=user.pk, target_type="recording", target=found.pk)
    asked = _asked(request, found)
    asks = bool(asked["purpose_needed"] and not asked["purpose"])
    shown = playback(found, gaps_of(found), volume_of=volumes, with_chat=not asks, reader=user)
    context = asked | {
        "recording": found,
        "waiting": waiting,
        "playback": shown,
        "reason": in_words(found.reason),
    }
    ready = found.state == RecordingState.READY and bool(shown.people)
    obstacle = _obstacle(shown) if ready and not asks else ""
    context |= {"ready": ready and not asks and not obstacle, "asks": ready and asks}
    if context["ready"]:
        context["player"] = player_data(shown, request.session.session_key)
        context["copies"] = copies(found)
        context["may_cut_out"] = cutting.own_seat(user, found) is not None
        context["put_off"] = cutting.waiting(found)
    if found.state == RecordingState.ERASED:
        context["certificate"] = ErasureCertificate.objects.filter(recording=found).first()
    context["obstacle"] = obstacle
    status = 503 if obstacle else 200
    return render(request, "recordings/page.html", context, status=status)


def _asked(request: SignedInRequest, found: Recording) -> dict[str, Any]:
    return {
        "purpose_needed": purposes.is_outsider(request.user, found),
        "purpose": purposes.given(request.session, found.pk),
    }


def _obstacle(shown: Playback) -> str:
    """Why nothing of it can be played now, in words; "" if its files can be opened.

    A single file that is missing or altered is no obstacle: the others play.
    """
    for person in shown.people:
        try:
            open_artifact(person.media).close()
        except KeyUnavailable:
            return str(_("The key of the recordings is not available."))
        except StorageAway:
            return str(_("The storage of the recordings does not answer."))
        except (VaultError, OSError):
            logger.exception("the file of participant %s cannot be opened", person.participant.pk)
    return ""


def gaps_of(of: Recording) -> list[Gap]:
    """What the ledger says is missing: of everything, and of sound or picture alone."""
    people = {person.pk: person for person in of.call.participants.select_related("user")}
    gaps = []
    for account in ledgers(of):
        who = people[account.participant]
        gaps += [Gap(who, gap.start_secs, gap.end_secs, gap.cause) for gap in account.gaps]
        whole = [(gap.start_secs, gap.end_secs) for gap in account.gaps]
        for what, kept in (("audio", account.audio), ("video", account.video)):
            for gap in kept.gaps:
                gaps += [
                    Gap(who, start, stop, gap.cause, what)  # type: ignore[arg-type]  # one of both
                    for start, stop in narrowed([(gap.start_secs, gap.end_secs)], whole)
                    if stop - start >= LEAST_GAP_SECS
                ]
    return gaps


def player_data(shown: Playback, session_key: str | None) -> dict[str, Any]:
    """What static/js/playback/main.js reads: times in seconds, addresses good for this session."""
    lines = qualities(shown.recording, shown.duration_secs)
    return {
        "duration": round(shown.duration_secs, 3),
        "people": [
            _person(person, shown.recording, session_key)
            | {"quality": lines.get(person.participant.pk, [])}
            for person in shown.people
        ],
    }


def _person(person: Person, of: Recording, session_key: str | None) -> dict[str, Any]:
    media, poster = person.media, person.poster
    return {
        "participant": str(person.participant.pk),
        "offset": round(media.offset_secs, 3),
        "duration": round(media.duration_secs, 3),
        "spans": _rounded(person.spans),
        "holes": [
            [round(gap.start_secs, 3), round(gap.stop_secs, 3), cause_in_words(gap.cause)]
            for gap in person.holes
        ],
        "audio": _rounded(person.audio),
        "video": _rounded(person.video),
        "volume": person.volume,
        "source": media_address(of.pk, media.pk, session_key),
        "poster": media_address(of.pk, poster.pk, session_key) if poster else "",
    }


def _rounded(spans: Sequence[Span]) -> list[list[float]]:
    return [[round(start, 3), round(stop, 3)] for start, stop in spans]


def media_address(of: UUID, artifact: UUID, session_key: str | None) -> str:
    address = reverse("recording_media", args=(of, artifact))
    return f"{address}?{media_links.sign(artifact, session_key=session_key)}"
