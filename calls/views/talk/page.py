"""`/talk/<queue>/`: say who you are and what it is about, and wait for somebody; or leave word."""

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Role, User
from accounts.posted import posted
from accounts.preferences import known_language, known_zone
from calls.desk.states import EntryKind
from calls.forms.talk import FORMS, ArrivalForm, plain
from calls.models import Queue, QueueEntry
from calls.models.queue_entry import SUBJECT_LENGTH
from calls.models.queue_text import texts_for
from calls.permissions import calls_for
from calls.services.desk.arriving import arrive
from calls.services.desk.contacts import open_contact
from calls.services.desk.embedding import origin_of
from calls.services.desk.errors import DeskError
from calls.services.desk.fronts import Front, front_of
from calls.states import CallState
from calls.views.guests import BACKEND, too_often
from calls.views.talk.standing import way_to
from calls.views.talk.words import shown, zone_of_reader


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def talk(request: HttpRequest, slug: str) -> HttpResponse:
    """Who waits here already is led back to their place; staff is told that this is not for them.

    A guest of another contact or visit counts as a visitor, and becomes a new guest by POST.
    """
    queue = queue_or_404(slug)
    user = request.user if isinstance(request.user, User) else None
    if user and user.role not in (Role.PATIENT, Role.GUEST):
        status = 403 if request.method == "POST" else 200
        return render(request, "talk/staff.html", {"queue": queue}, status=status)
    if user and (entry := open_contact(queue, user)):
        return redirect(way_to(entry))
    form = sent_form(request, queue)
    if form is None:
        return talk_page(request, queue)
    if refusal := too_often(request, "queue_entry"):
        return refusal
    if not form.is_valid():
        return talk_page(request, queue, form)
    try:
        entry = come_in(request, queue, form)
    except DeskError as error:
        form.add_error(None, str(error.reason))
        return talk_page(request, queue, form, refused=str(error.reason))
    return redirect(way_to(entry))


def queue_or_404(slug: str) -> Queue:
    queue = Queue.objects.filter(slug=slug).prefetch_related("hours", "days").first()
    if queue is None:
        raise Http404
    return queue


def sent_form(request: HttpRequest, queue: Queue) -> ArrivalForm | None:
    """The form that was sent, for a place in line unless it says otherwise; None for reading."""
    data = posted(request)
    if data is None:
        return None
    kind = data.get("kind", "")
    form = FORMS[EntryKind(kind) if kind in FORMS else EntryKind.LIVE]
    return form(data, queue=queue, initial={})


def come_in(request: HttpRequest, queue: Queue, form: ArrivalForm) -> QueueEntry:
    """The place in line; a visitor's browser is signed in as its guest."""
    user = request.user if isinstance(request.user, User) else None
    account = user if user and user.role == Role.PATIENT else None
    entry = arrive(
        queue,
        form.arrival(origin=origin_of(queue, form.cleaned_data["came_from"])),
        person=account,
        time_zone=known_zone(form.cleaned_data["time_zone"]) or "UTC",
        language=known_language(get_language() or "") or "en",
    )
    if account is None:
        login(request, entry.person, backend=BACKEND)
    return entry


def talk_page(
    request: HttpRequest, queue: Queue, sent: ArrivalForm | None = None, *, refused: str = ""
) -> HttpResponse:
    """The page with what was sent, or filled with what is known of the person."""
    front = front_of(queue)
    known = known_of(request, queue)
    forms = {kind: FORMS[kind](None, queue=queue, initial=known) for kind in kinds_taken(front)}
    if sent is not None and sent.kind in forms:
        forms[sent.kind] = sent
    context = {
        "queue": shown(front, zone_of_reader(request)),
        "texts": texts_for(queue, get_language() or ""),
        "talk_form": forms.get(EntryKind.LIVE),
        "callback_form": forms.get(EntryKind.CALLBACK),
        "letter_form": forms.get(EntryKind.MESSAGE),
        "opened": sent.kind if sent is not None and sent.kind in forms else next(iter(forms), ""),
        "refused": refused,
        "elsewhere": is_guest(request),
    }
    return render(request, "talk/talk.html", context, status=400 if sent else 200)


def kinds_taken(front: Front) -> list[EntryKind]:
    """What the queue takes now: people who wait, wishes to be called back, messages."""
    taken = {
        EntryKind.LIVE: front.takes_people,
        EntryKind.CALLBACK: front.takes_callbacks,
        EntryKind.MESSAGE: front.takes_messages,
    }
    return [kind for kind, is_taken in taken.items() if is_taken]


def known_of(request: HttpRequest, queue: Queue) -> dict[str, str]:
    """What the forms begin with: from the account, and from the address where it makes sense."""
    user = request.user if isinstance(request.user, User) else None
    known = {}
    if origin_of(queue, signed := request.GET.get("from", "")):
        known["came_from"] = signed
    if user:
        known["name"] = user.display_name
    if user and user.role == Role.PATIENT:
        known["email"] = user.email
    subject = plain(request.GET.get("subject", ""))
    if len(subject) <= SUBJECT_LENGTH:
        known["subject"] = subject
    if (media := request.GET.get("media", "")) in queue.media_offered:
        known["media"] = media
    spoken = (request.GET.get("language", ""), get_language() or "", "en")
    known["language"] = next((one for one in spoken if one in queue.languages), "")
    return known


def is_guest(request: HttpRequest) -> bool:
    """Whether this browser is in another visit, or line, as a guest: one that is not over."""
    user = request.user
    if not isinstance(user, User) or user.role != Role.GUEST:
        return False
    return bool(calls_for(user).exclude(state=CallState.ENDED).exists())
