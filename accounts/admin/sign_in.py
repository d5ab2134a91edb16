"""E-mail addresses, second factors and refused sign-ins: other packages' rows in our own dress."""

from typing import Any

from allauth.account.admin import EmailAddressAdmin as AllauthEmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.admin import AccessAttemptAdmin, AccessFailureLogAdmin, AccessLogAdmin
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.admin import AuditedAdmin

for model in (EmailAddress, Authenticator, AccessAttempt, AccessFailureLog, AccessLog):
    admin.site.unregister(model)


@admin.register(EmailAddress)
class EmailAddressAdmin(AllauthEmailAddressAdmin, AuditedAdmin):
    list_select_related = ("user",)
    raw_id_fields = ()
    autocomplete_fields = ("user",)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("email", "user__display_name")


@admin.register(Authenticator)
class SecondFactorAdmin(AuditedAdmin):
    """A lost second factor may be taken away; its secret is shown to nobody."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__display_name", "user__email")
    search_help_text = _("Name or e-mail address")
    fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _AttemptsOnly:
    """Read, or deleted to let somebody try again at once."""

    date_hierarchy = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AccessAttempt)
class AttemptAdmin(_AttemptsOnly, AccessAttemptAdmin, AuditedAdmin):
    list_display = ("attempt_time", "username", "ip_address", "failures_since_start", "status")
    # What was typed into the form is nobody's business, however well it is masked.
    fieldsets = (
        (None, {"fields": ("username", "failures_since_start", "attempt_time", "path_info")}),
        (_("Where from"), {"fields": ("ip_address", "user_agent")}),
    )
    actions = ()


@admin.register(AccessFailureLog)
class FailureAdmin(_AttemptsOnly, AccessFailureLogAdmin, AuditedAdmin):
    list_display = ("attempt_time", "username", "ip_address", "locked_out")


@admin.register(AccessLog)
class SignInAdmin(_AttemptsOnly, AccessLogAdmin, AuditedAdmin):
    list_display = ("attempt_time", "username", "ip_address", "user_agent", "logout_time")
