"""What belongs to booked visits: waiting list, invitations, forms, notices, readiness."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action

from audit.admin import FactAdmin
from calls.models import (
    AdvanceConsent,
    Answer,
    Attachment,
    CalendarFeed,
    DeviceTest,
    Invitation,
    Notice,
    Question,
    RunningLate,
    SlotOffer,
    StandingConsent,
    VisitNote,
    WaitingListEntry,
)
from calls.services.notices import mailing

_PERSON = ("person__display_name", "person__email")
_PATIENT = ("appointment__patient__display_name", "appointment__patient__email")
_VISIT = ("appointment__service",)


@admin.register(WaitingListEntry)
class WaitingListAdmin(FactAdmin):
    list_display = ("created_at", "service", "patient", "agent", "from_date", "until_date", "state")
    list_filter = ("state", "service")
    list_select_related = ("service", "patient", "agent")
    search_fields = ("patient__display_name", "patient__email")


@admin.register(SlotOffer)
class SlotOfferAdmin(FactAdmin):
    list_display = ("made_at", "entry", "agent", "starts_at", "expires_at", "state")
    list_filter = ("state",)
    list_select_related = ("entry__service", "agent")
    search_fields = ("entry__patient__display_name", "entry__patient__email")


@admin.register(Invitation)
class InvitationAdmin(FactAdmin):
    list_display = ("created_at", "name", "kind", "created_by", "opened_at", "revoked_at")
    list_filter = ("kind",)
    list_select_related = ("created_by",)
    search_fields = ("name", "email")


@admin.register(Question)
class QuestionAdmin(FactAdmin):
    list_display = ("service", "position", "label", "kind", "is_required")
    list_display_links = ("label",)
    list_filter = ("service", "kind")
    list_select_related = ("service",)
    search_fields = ("label",)


@admin.register(Answer)
class AnswerAdmin(FactAdmin):
    """That something was answered; what it says stays between patient and agent."""

    list_display = ("appointment", "label")
    list_select_related = _VISIT
    search_fields = _PATIENT
    fields = ("appointment", "label")


@admin.register(Attachment)
class AttachmentAdmin(FactAdmin):
    list_display = ("added_at", "appointment", "added_by", "media_type", "size_bytes")
    list_select_related = (*_VISIT, "added_by")
    search_fields = _PATIENT
    fields = ("appointment", "added_by", "added_at", "media_type", "size_bytes")


@admin.register(VisitNote)
class VisitNoteAdmin(FactAdmin):
    """That a note was written; what it says stays between patient and agent."""

    list_display = ("written_at", "appointment", "author")
    list_select_related = (*_VISIT, "author")
    search_fields = _PATIENT
    fields = ("appointment", "author", "written_at")


@admin.register(Notice)
class NoticeAdmin(FactAdmin):
    list_display = (
        "created_at",
        "kind",
        "person",
        "invitation",
        "entry",
        "mail_state",
        "mail_attempts",
        "mailed_at",
    )
    list_filter = ("kind", "mail_state", ("person", AutocompleteSelectFilter))
    list_select_related = ("person", "invitation", "entry")
    search_fields = (*_PERSON, "invitation__name", "invitation__email")
    search_help_text = _("A person's name or e-mail address")
    actions = ("send_again",)

    @action(description=_("Send failed mails again"))
    def send_again(self, request: HttpRequest, notices: QuerySet[Notice]) -> None:
        again = [one for one in notices if mailing.try_again(one, by=request.user.pk)]
        self.message_user(request, _("%(count)d changed.") % {"count": len(again)})


@admin.register(CalendarFeed)
class CalendarFeedAdmin(FactAdmin):
    list_display = ("person", "made_at", "read_at")
    list_select_related = ("person",)
    search_fields = _PERSON
    fields = ("person", "made_at", "read_at")


@admin.register(DeviceTest)
class DeviceTestAdmin(FactAdmin):
    list_display = ("at", "person", "appointment", "outcome")
    list_filter = ("outcome",)
    list_select_related = ("person", *_VISIT)
    search_fields = _PERSON


@admin.register(RunningLate)
class RunningLateAdmin(FactAdmin):
    list_display = ("agent", "minutes", "said_at", "until")
    list_select_related = ("agent",)
    search_fields = ("agent__display_name", "agent__email")


@admin.register(AdvanceConsent)
class AdvanceConsentAdmin(FactAdmin):
    list_display = ("at", "person", "appointment", "granted", "text_version", "language")
    list_filter = ("granted",)
    list_select_related = ("person", *_VISIT)
    search_fields = _PERSON


@admin.register(StandingConsent)
class StandingConsentAdmin(FactAdmin):
    list_display = ("at", "person", "text_version", "language")
    list_select_related = ("person",)
    search_fields = _PERSON
