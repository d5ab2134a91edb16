"""Ledgers, cut-outs, holds, deletions and what is left of erased recordings."""

from django.contrib import admin
from unfold.contrib.filters.admin import RangeDateTimeFilter

from audit.admin import FactAdmin
from calls.models import (
    CutOut,
    Deletion,
    ErasureCertificate,
    FileJob,
    LedgerEntry,
    LegalHold,
    Reconciliation,
)


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
    list_display = ("placed_at", "purpose", "placed_by", "lifted_at", "lifted_by")
    list_filter = (("placed_at", RangeDateTimeFilter),)
    list_select_related = ("placed_by", "lifted_by")
    search_fields = ("recording__id", "purpose")


@admin.register(Deletion)
class DeletionAdmin(FactAdmin):
    list_display = ("asked_at", "state", "purpose", "asked_by", "decided_by")
    list_filter = ("state", ("asked_at", RangeDateTimeFilter))
    list_select_related = ("asked_by", "decided_by")
    search_fields = ("recording__id", "purpose")


@admin.register(ErasureCertificate)
class ErasureCertificateAdmin(FactAdmin):
    list_display = ("issued_at", "cause", "recording", "sha256")
    list_filter = ("cause", ("issued_at", RangeDateTimeFilter))
    list_select_related = ("recording",)
    search_fields = ("recording__id", "sha256")


@admin.register(Reconciliation)
class ReconciliationAdmin(FactAdmin):
    list_display = ("started_at", "finished_at", "deletes", "counts")
    list_filter = (("started_at", RangeDateTimeFilter),)
