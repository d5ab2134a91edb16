"""What agents choose from: what a contact was about, and what they write often."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from audit.admin import AuditedAdmin, FactAdmin
from calls.models import CannedReply, CannedUse, NotNow, WrapUpCode


class _OfAQueue(AuditedAdmin):
    list_select_related = ("queue",)

    @display(description=_("queue"), ordering="queue__name")
    def for_queue(self, row: WrapUpCode | CannedReply) -> object:
        return row.queue or _("All queues")


@admin.register(WrapUpCode)
class WrapUpCodeAdmin(_OfAQueue):
    list_display = ("name", "for_queue", "is_active")
    list_filter = ("is_active", "queue")
    search_fields = ("name",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A code that was used stays in the figures; it is taken off the list by "offered".
        if obj is not None and obj.handlings.exists():
            return False
        return bool(super().has_delete_permission(request, obj))


@admin.register(CannedReply)
class CannedReplyAdmin(_OfAQueue):
    list_display = ("title", "beginning", "for_queue", "language")
    list_filter = ("queue", "language")
    search_fields = ("title", "text")

    @display(description=_("text"))
    def beginning(self, reply: CannedReply) -> str:
        return Truncator(reply.text).chars(60)


@admin.register(CannedUse)
class CannedUseAdmin(FactAdmin):
    """Which texts agents choose: what suggestions are counted from."""

    list_display = ("reply", "agent", "at")
    list_select_related = ("reply", "agent")
    search_fields = ("reply__title", "agent__display_name")


@admin.register(NotNow)
class NotNowAdmin(FactAdmin):
    """Who wants no suggestion for a while."""

    list_display = ("person", "at")
    list_select_related = ("person",)
    search_fields = ("person__display_name",)
