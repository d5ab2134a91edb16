"""The recorders as they last told of themselves."""

from django.contrib import admin

from audit.admin import FactAdmin
from calls.models import RecorderNode


@admin.register(RecorderNode)
class RecorderNodeAdmin(FactAdmin):
    list_display = ("name", "seen_at", "running", "capacity", "is_leaving", "spool_files")
    search_fields = ("name",)
