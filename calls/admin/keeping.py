"""Ledgers, cut-outs, holds, deletions and what is left of erased recordings."""

from django.contrib import admin
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from audit.admin import FactAdmin, link_to
from calls.admin import badges
from calls.admin.certificate import certificate
from calls.admin.storage import storage
from calls.models import (
    CutOut,
    Deletion,
    ErasureCertificate,
    FileJob,
    LedgerEntry,
    LegalHold,
    Reconciliation,
)

SHORT = 60


@admin.register(LedgerEntry)
class LedgerEntryAdmin(FactAdmin):
    list_display = ("recording", "number", "body", "digest")
    list_select_related = ("recording",)
    search_fields = ("recording__id", "digest")
    ordering = ("recording", "number")


@admin.register(CutOut)
class CutOutAdmin(FactAdmin):
    list_display = ("asked_at", "participant", "starts_at", "ends_at", "done_at")
    list_filter = (("asked_at", RangeDateTimeFilter),)
    list_select_related = ("participant__user",)
    search_fields = ("recording__id", "participant__user__display_name")


@admin.register(FileJob)
class FileJobAdmin(FactAdmin):
    list_display = ("asked_at", "kind", "state", "progress_percent", "asked_by", "reason")
    list_filter = ("state", "kind", ("asked_at", RangeDateTimeFilter))
    list_select_related = ("asked_by",)
    search_fields = ("recording__id", "asked_by__display_name")


@admin.register(LegalHold)
class LegalHoldAdmin(FactAdmin):
    list_display = ("placed_at", "standing", "short_purpose", "placed_by", "lifted_at", "row")
    list_filter = (("placed_at", RangeDateTimeFilter),)
    list_select_related = ("placed_by", "lifted_by", "recording")
    search_fields = ("recording__id", "purpose", "placed_by__display_name")
    search_help_text = _("A word of the purpose, who placed it, or the recording's id")

    @display(description=_("state"), label={"stands": "warning"})
    def standing(self, hold: LegalHold) -> tuple[str, object]:
        return ("lifted", _("Lifted")) if hold.lifted_at else ("stands", _("Stands"))

    @display(description=_("purpose"), ordering="purpose")
    def short_purpose(self, hold: LegalHold) -> str:
        return Truncator(hold.purpose).chars(SHORT)

    @display(description=_("recording"))
    def row(self, hold: LegalHold) -> str:
        return link_to(hold.recording)


@admin.register(Deletion)
class DeletionAdmin(FactAdmin):
    list_display = ("asked_at", "state_badge", "short_purpose", "asked_by", "decided_by", "row")
    list_filter = ("state", ("asked_at", RangeDateTimeFilter))
    list_select_related = ("asked_by", "decided_by", "recording")
    search_fields = ("recording__id", "purpose", "asked_by__display_name")
    search_help_text = _("A word of the purpose, who asked, or the recording's id")

    @display(description=_("state"), ordering="state", label=badges.DELETION)
    def state_badge(self, deletion: Deletion) -> tuple[str, str]:
        return deletion.state, deletion.get_state_display()

    @display(description=_("purpose"), ordering="purpose")
    def short_purpose(self, deletion: Deletion) -> str:
        return Truncator(deletion.purpose).chars(SHORT)

    @display(description=_("recording"))
    def row(self, deletion: Deletion) -> str:
        return link_to(deletion.recording)


@admin.register(ErasureCertificate)
class ErasureCertificateAdmin(FactAdmin):
    list_display = ("issued_at", "cause", "cleared_at", "paper", "row")
    list_filter = ("cause", ("issued_at", RangeDateTimeFilter))
    list_select_related = ("recording",)
    search_fields = ("recording__id", "sha256")
    search_help_text = _("The recording's id, or the checksum of the document")
    readonly_fields = ("paper",)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(certificate)
        urls: list[URLPattern] = super().get_urls()
        return [path("<uuid:pk>/paper/", page, name="calls_certificate"), *urls]

    @display(description=_("certificate"))
    def paper(self, it: ErasureCertificate) -> str:
        return format_html(
            '<a class="text-primary-600 underline" href="{}">{}</a>',
            reverse("admin:calls_certificate", args=(it.pk,)),
            _("Read and print"),
        )

    @display(description=_("recording"))
    def row(self, it: ErasureCertificate) -> str:
        return link_to(it.recording)


@admin.register(Reconciliation)
class ReconciliationAdmin(FactAdmin):
    list_display = ("started_at", "finished_at", "machine", "deletes", "missing", "deleted")
    list_filter = (("started_at", RangeDateTimeFilter),)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(storage)
        urls: list[URLPattern] = super().get_urls()
        return [path("storage/", page, name="calls_storage"), *urls]

    @display(description=_("files missing"))
    def missing(self, it: Reconciliation) -> int:
        return int(it.counts.get("missing", 0))

    @display(description=_("files deleted"))
    def deleted(self, it: Reconciliation) -> int:
        return int(it.counts.get("deleted", 0))
