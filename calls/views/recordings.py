"""Recordings: the list, and the page that plays one."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import Role
from audit.log import record
from calls.archive.ledger import ledgers
from calls.models import Recording
from calls.permissions import get_or_404, recordings_for
from calls.services import media_links
from calls.services.playback import Gap, Person, Playback, playback
from calls.services.reasons import in_words
from calls.services.recording_search import PREPARED, RecordingSearch, search
from calls.states import RecordingState
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest

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
    """Play it, or say how far it is; a page that waits asks again by htmx until it is ready."""
    user = request.user
    found = get_or_404(recordings_for(user), pk, user=user, action="recording.view")
    waiting = found.state in PREPARED
    if request.headers.get("HX-Request"):
        answer = render(request, "recordings/_waiting.html", {"recording": found})
        if not waiting:
            answer["HX-Refresh"] = "true"
        return answer
    record("recording.view", actor=user.pk, target_type="recording", target=found.pk)
    shown = playback(found, gaps_of(found))
    context = {
        "recording": found,
        "waiting": waiting,
        "ready": found.state == RecordingState.READY and bool(shown.people),
        "playback": shown,
        "reason": in_words(found.reason),
        "player": _player(shown, request.session.session_key),
    }
    return render(request, "recordings/page.html", context)


def gaps_of(of: Recording) -> list[Gap]:
    people = {person.pk: person for person in of.call.participants.select_related("user")}
    return [
        Gap(people[account.participant], gap.start_secs, gap.end_secs, gap.cause)
        for account in ledgers(of)
        for gap in account.gaps
    ]


def _player(shown: Playback, session_key: str | None) -> dict[str, Any]:
    """What static/js/playback/main.js reads: times in seconds, addresses good for this session."""
    return {
        "duration": round(shown.duration_secs, 3),
        "people": [_person(person, shown.recording, session_key) for person in shown.people],
    }


def _person(person: Person, of: Recording, session_key: str | None) -> dict[str, Any]:
    media, poster = person.media, person.poster
    return {
        "participant": str(person.participant.pk),
        "offset": round(media.offset_secs, 3),
        "duration": round(media.duration_secs, 3),
        "spans": [[round(start, 3), round(stop, 3)] for start, stop in person.spans],
        "source": media_address(of.pk, media.pk, session_key),
        "poster": media_address(of.pk, poster.pk, session_key) if poster else "",
    }


def media_address(of: UUID, artifact: UUID, session_key: str | None) -> str:
    address = reverse("recording_media", args=(of, artifact))
    return f"{address}?{media_links.sign(artifact, session_key=session_key)}"
