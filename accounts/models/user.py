"""People who sign in."""

import uuid
import zoneinfo
from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.holidays import check_holiday_place
from accounts.preferences import known_zone, zone_of


class Role(models.TextChoices):
    PATIENT = "patient", _("Patient")
    AGENT = "agent", _("Agent")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADMINISTRATOR = "administrator", _("Administrator")
    # Holds an invitation link and has no password.
    GUEST = "guest", _("Guest")


def check_time_zone(value: str) -> None:
    """Raise ValidationError unless `value` is a name of the IANA time zone database."""
    if known_zone(value) is None:
        raise ValidationError(_("%(value)s is not a time zone."), params={"value": value})


def vouch_for(user: "User") -> None:
    """Count the address as verified: somebody who may do so has made the account."""
    # Not above: allauth's models need the user model, which is being made there.
    from allauth.account.models import EmailAddress

    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def agents(self) -> "UserQuerySet":
        return self.active().filter(role__in=(Role.AGENT, Role.SUPERVISOR))

    def standing(self, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
        """The role and the hashed password of each active user among `ids`."""
        users = self.active().filter(pk__in=set(ids))
        return {
            pk: (role, password)
            for pk, role, password in users.values_list("pk", "role", "password")
        }


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def agents(self) -> UserQuerySet:
        return self.get_queryset().agents()

    def standing(self, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
        return self.get_queryset().standing(ids)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user; `email` is stored in lower case. Raises IntegrityError for a known one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields = {"role": Role.ADMINISTRATOR, "is_superuser": True, **fields}
        fields.setdefault("display_name", email.partition("@")[0])
        user = self.create_user(email, password, **fields)
        vouch_for(user)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account; the e-mail address is the name that they sign in with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    display_name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.PATIENT)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[check_time_zone]
    )
    language = models.CharField(
        _("language"), max_length=16, choices=settings.LANGUAGES, default="en"
    )
    holiday_place = models.CharField(
        _("public holidays of"),
        max_length=16,
        blank=True,
        validators=[check_holiday_place],
        help_text=_("On these days nobody can be booked. Empty: as the house says."),
    )
    mails_bookings = models.BooleanField(
        _("e-mail when a visit is booked, moved or cancelled"), default=True
    )
    mails_reminders = models.BooleanField(_("e-mail before a visit"), default=True)
    mails_offers = models.BooleanField(_("e-mail when an earlier time becomes free"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("display_name", "email")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="user_email_case_insensitive"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="user_role_known"
            ),
        )

    def __str__(self) -> str:
        return self.display_name or self.email

    @property
    def is_staff(self) -> bool:
        """May open the administration."""
        return self.is_active and (self.is_superuser or self.role == Role.ADMINISTRATOR)

    @property
    def is_agent(self) -> bool:
        """Answers visits: agents, and the supervisors who lead them."""
        return self.role in (Role.AGENT, Role.SUPERVISOR)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zone_of(self.time_zone)

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        """The first word of the name; all of it where that word is a title, as in "Dr. Brandt"."""
        first = self.display_name.partition(" ")[0]
        return self.display_name if first.endswith(".") else first or self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_staff or super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff or super().has_module_perms(app_label)
