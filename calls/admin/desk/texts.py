"""What agents choose from: what a contact was about, and what they write often."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from audit.admin import AuditedAdmin
from calls.models import CannedReply, WrapUpCode


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
