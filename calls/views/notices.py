"""What the portal tells a person, how they want to be told, and their calendar address."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.forms import NotificationsForm
from accounts.models import User
from accounts.posted import posted
from calls.models import Notice
from calls.services import feeds
from calls.services.calendar import feed_file
from calls.services.notices.words import path_of, words_of
from calls.views.request import SignedInRequest

NOTICES_ON_A_PAGE = 20


@require_GET
@login_required
@never_cache
def notices(request: SignedInRequest) -> HttpResponse:
    """A person's notices, the newest first; seeing them is having read them."""
    mine = Notice.objects.filter(person=request.user)
    mine = mine.select_related("appointment__agent", "offer", "entry").order_by("-created_at", "pk")
    page: Any = Paginator(mine, NOTICES_ON_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = [
        {"row": notice, "words": words_of(notice), "path": path_of(notice)}
        for notice in page.object_list
    ]
    response = render(request, "notices/list.html", {"page": page})
    unread = Notice.objects.filter(person=request.user, read_at__isnull=True)
    unread.update(read_at=timezone.now())
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def notifications(request: SignedInRequest) -> HttpResponse:
    """Which of them come by mail as well."""
    person = User.objects.get(pk=request.user.pk)
    form = NotificationsForm(posted(request), instance=person)
    if request.method == "POST":
        form.save()
        messages.success(request, _("Your choice is saved."))
        return redirect("notifications")
    return render(request, "notices/choices.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def calendar_feed(request: SignedInRequest) -> HttpResponse:
    """The private address of the person's calendar: on, new, or off."""
    if request.method == "POST":
        if "off" in request.POST:
            feeds.switch_off(request.user)
            messages.success(request, _("The address does not work any more."))
        else:
            feeds.renew(request.user)
            messages.success(request, _("This is your new address."))
        return redirect("calendar_feed")
    token = feeds.token_of(request.user)
    address = settings.PUBLIC_URL + reverse("feed", args=[token]) if token else ""
    return render(request, "notices/feed.html", {"address": address})


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar itself, for programs: the address alone opens it."""
    person = feeds.reader(token)
    if person is None:
        raise Http404
    with translation.override(person.language):
        content = feed_file(feeds.visits_of(person), viewer=person)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=300"
    return response
