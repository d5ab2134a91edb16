"""User accounts: who they are, what they may do, and their passwords."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import Role, User, vouch_for
from accounts.templatetags.interface import initials
from audit.admin import AuditedAdmin

# What somebody may do follows from their role alone.
admin.site.unregister(Group)


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["email", "display_name", "role"]

    def clean_email(self) -> str:
        """In lower case, as everywhere; the database refuses a second one in other letters."""
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            self.add_error("email", _("Somebody else has this e-mail address."))
        return email


class ChangedUserForm(UserChangeForm):
    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            self.add_error("email", _("Somebody else has this e-mail address."))
        return email


@admin.register(User)
class UserAdmin(DjangoUserAdmin, AuditedAdmin):  # type: ignore[type-arg]  # not at run time
    form = ChangedUserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm

    list_display = ("person", "role_badge", "is_active", "time_zone", "language", "last_login")
    list_filter = ("role", "is_active", "language")
    search_fields = ("display_name", "email")
    search_help_text = _("Name or e-mail address")
    ordering = ("display_name", "email")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    actions = ("activate", "deactivate")
    fieldsets = (
        (None, {"fields": ("display_name", "email", "password")}),
        (_("What they may do"), {"fields": ("role", "is_active")}),
        (_("Language and time"), {"fields": ("language", "time_zone", "holiday_place")}),
        (_("E-mail"), {"fields": ("mails_bookings", "mails_reminders", "mails_offers")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("display_name", "email", "role")}),
        (_("Password"), {"fields": ("usable_password", "password1", "password2")}),
        (_("Language and time"), {"fields": ("language", "time_zone")}),
    )

    @display(description=_("person"), ordering="display_name", header=True)
    def person(self, user: User) -> list[str]:
        return [user.display_name, user.email, initials(user.display_name)]

    @display(
        description=_("role"),
        ordering="role",
        label={
            Role.AGENT.value: "primary",
            Role.SUPERVISOR.value: "info",
            Role.ADMINISTRATOR.value: "warning",
        },
    )
    def role_badge(self, user: User) -> tuple[str, str]:
        return user.role, user.get_role_display()

    @admin.action(description=_("Let the chosen people sign in"))
    def activate(self, request: HttpRequest, users: Any) -> None:
        self._set_active(request, users.filter(is_active=False), active=True)

    @admin.action(description=_("Stop the chosen people from signing in"))
    def deactivate(self, request: HttpRequest, users: Any) -> None:
        # Nobody locks themselves out of the administration by mistake.
        self._set_active(
            request, users.filter(is_active=True).exclude(pk=request.user.pk), active=False
        )

    def _set_active(self, request: HttpRequest, users: Any, *, active: bool) -> None:
        changed = list(users)
        for user in changed:
            user.is_active = active
            user.save(update_fields=["is_active"])
            self.log_change(request, user, [{"changed": {"fields": ["is_active"]}}])
        self.message_user(request, _("%(count)d changed.") % {"count": len(changed)})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        own = obj is not None and obj.pk == request.user.pk
        return (*self.readonly_fields, "role", "is_active") if own else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            vouch_for(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.pk == request.user.pk:
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> Any:
        # Accounts are deactivated in numbers, and deleted one by one on their own page.
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
