"""Hold, lift, delete and agree: what an administrator decides on a recording's own page."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.enums import ActionVariant

from calls.admin.decision import Button, Question, Text, ask
from calls.models import Deletion, LegalHold, Recording
from calls.permissions import get_or_404, recordings_to_keep_for
from calls.services import deletion, holds
from calls.services.retention import KEPT
from calls.states import RecordingState


def _recording(request: HttpRequest, object_id: str, act: str) -> Recording:
    """The recording, if who asks may decide on it; Http404 otherwise, audited."""
    user: Any = request.user
    rows = recordings_to_keep_for(user).select_related("call__service")
    return get_or_404(rows, _id(object_id), user=user, action=f"recording.{act}")


def _id(text: str) -> UUID:
    """What stands in an address, as an id; Http404 where it is none."""
    try:
        return UUID(text)
    except ValueError as exc:
        raise Http404 from exc


class KeepingActions:
    """The actions at the top of a recording's page, those that its state allows."""

    actions_detail = ("hold", "lift", "erase", "decide", "certificate")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        every: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        recording = Recording.objects.filter(pk=_id(object_id)).first()
        may = _possible(recording) if recording else set()
        return [it for it in every if it.action_name.rpartition("_")[2] in may]

    @action(description=gettext_lazy("Place a hold"), icon="gavel", url_path="hold")
    def hold(self, request: HttpRequest, object_id: str) -> HttpResponse:
        recording = _recording(request, object_id, "hold")
        user: Any = request.user

        def place(purpose: str) -> Text:
            holds.place(user, recording.pk, purpose=purpose)
            return _("The hold stands: nothing of this recording will be deleted.")

        question = Question(
            title=_("Place a legal hold"),
            lead=_(
                "While a hold stands, nothing of this recording is deleted: not when its time is "
                "over, not by decision, and nobody can cut anything out of it."
            ),
            note=_("A deletion that was asked for is refused by the hold."),
            facts=_facts(recording),
            buttons=(Button("place", _("Place the hold"), place),),
        )
        return ask(request, recording, question)

    @action(description=gettext_lazy("Lift a hold"), icon="lock_open", url_path="lift")
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        recording = _recording(request, object_id, "lift")
        user: Any = request.user
        standing = list(LegalHold.objects.standing().filter(recording=recording)[:20])
        if not standing:
            return HttpResponseRedirect(_page(recording))

        def lift_one(hold: LegalHold) -> Button:
            text = _("Lift: %(purpose)s") % {"purpose": Truncator(hold.purpose).chars(60)}

            def lift(purpose: str) -> Text:
                holds.lift(user, hold.pk, purpose=purpose)
                return _("The hold is lifted.")

            return Button(f"lift-{hold.pk}", text, lift)

        question = Question(
            title=_("Lift a legal hold"),
            lead=_(
                "Once no hold stands any more, the recording is erased when its time is over, "
                "which may be at once."
            ),
            facts=[*_facts(recording), *((_("Hold"), it.purpose) for it in standing)],
            buttons=tuple(lift_one(it) for it in standing),
        )
        return ask(request, recording, question)

    @action(
        description=gettext_lazy("Delete…"),
        icon="delete_forever",
        url_path="erase",
        variant=ActionVariant.DANGER,
    )
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        recording = _recording(request, object_id, "delete.ask")
        user: Any = request.user
        two = deletion.needs_two(recording)

        def delete(purpose: str) -> Text:
            done = deletion.ask(user, recording.pk, purpose=purpose)
            if done.needs_two:
                return _("Another administrator has to agree now.")
            return _("The recording is erased; its files follow within a minute.")

        question = Question(
            title=_("Ask to delete this recording") if two else _("Delete this recording"),
            lead=_(
                "Its key is destroyed and its files are deleted, for everybody and for good. "
                "A certificate stays. The visit, its chat and its history stay too."
            ),
            note=_("This service wants two people: another administrator must agree.")
            if two
            else _("There is no way back, and no second question."),
            facts=_facts(recording),
            buttons=(
                Button(
                    "erase",
                    _("Ask to delete") if two else _("Delete for good"),
                    delete,
                    danger=not two,
                ),
            ),
        )
        return ask(request, recording, question)

    @action(
        description=gettext_lazy("Decide on deletion"),
        icon="how_to_reg",
        url_path="decide",
        variant=ActionVariant.WARNING,
    )
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        recording = _recording(request, object_id, "delete.decide")
        wish = deletion.open_deletion(recording)
        if wish is None:
            return HttpResponseRedirect(_page(recording))
        return ask(request, recording, _decision(request, recording, wish))

    @action(description=gettext_lazy("Certificate"), icon="workspace_premium", url_path="proof")
    def certificate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        recording = _recording(request, object_id, "certificate")
        found = getattr(recording, "certificate", None)
        if found is None:
            return HttpResponseRedirect(_page(recording))
        return HttpResponseRedirect(reverse("admin:calls_certificate", args=(found.pk,)))


def _decision(request: HttpRequest, recording: Recording, wish: Deletion) -> Question:
    user: Any = request.user
    mine = wish.asked_by_id == user.pk

    def agree(purpose: str) -> Text:
        deletion.agree(user, wish.pk, purpose=purpose)
        return _("The recording is erased; its files follow within a minute.")

    def refuse(purpose: str) -> Text:
        deletion.refuse(user, wish.pk, purpose=purpose)
        return _("The recording stays.")

    keep = Button("refuse", _("Take it back") if mine else _("Refuse"), refuse)
    return Question(
        title=_("Decide on deletion"),
        lead=_("You asked for this: another administrator must agree, or you take it back.")
        if mine
        else _(
            "Somebody asked to delete this recording. If you agree, its key is destroyed at once, "
            "for good."
        ),
        facts=[
            *_facts(recording),
            (_("Asked by"), wish.asked_by),
            (_("Asked"), _time(wish.asked_at)),
            (_("Purpose"), wish.purpose),
        ],
        buttons=(keep,)
        if mine
        else (keep, Button("agree", _("Agree and delete for good"), agree, danger=True)),
    )


def _possible(recording: Recording) -> set[str]:
    if recording.state == RecordingState.ERASED:
        return {"certificate"}
    may = set() if recording.state == RecordingState.REFUSED else {"hold"}
    if holds.is_held(recording):
        return may | {"lift"}
    if recording.state in KEPT:
        may.add("decide" if deletion.open_deletion(recording) else "erase")
    return may


def _facts(recording: Recording) -> list[tuple[Text, object]]:
    return [
        (_("Service"), recording.call.service or "–"),
        (_("Recorded"), _time(recording.started_at or recording.asked_at)),
        (_("Kept until"), _time(recording.delete_after) if recording.delete_after else "–"),
    ]


def _time(at: Any) -> str:
    return date_format(localtime(at), "DATETIME_FORMAT")


def _page(recording: Recording) -> str:
    return reverse("admin:calls_recording_change", args=(recording.pk,))
