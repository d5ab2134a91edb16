"""A link that brings a third person into a visit, without an account."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.call import CallSession


class GuestKind(models.TextChoices):
    RELATIVE = "relative", _("Relative or friend")
    INTERPRETER = "interpreter", _("Interpreter")
    COLLEAGUE = "colleague", _("Colleague")


class Invitation(models.Model):
    """An invited person. Only the digest of the link's token is kept.

    `guest` is the account without a password that the link was last opened as: opened in another
    browser it makes a new one, who has to be admitted anew, and the one before is sent away.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(CallSession, on_delete=models.CASCADE, related_name="invitations")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("who"), max_length=16, choices=GuestKind.choices)
    email = models.EmailField(_("e-mail"), blank=True)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("invited"), auto_now_add=True)
    guest = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitation",
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("created_at",)

    def __str__(self) -> str:
        return self.name
