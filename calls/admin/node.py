"""The recorders as they last told of themselves."""

from django.contrib import admin
from django.urls import URLPattern, path

from audit.admin import FactAdmin
from calls.admin.health import recorders, try_again
from calls.models import RecorderNode


@admin.register(RecorderNode)
class RecorderNodeAdmin(FactAdmin):
    list_display = ("name", "seen_at", "running", "capacity", "is_leaving", "spool_files")
    search_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        ours = [
            path("recorders/", view(recorders), name="calls_recorders"),
            path("recorders/<uuid:pk>/again/", view(try_again), name="calls_recording_retry"),
        ]
        return ours + list(super().get_urls())
