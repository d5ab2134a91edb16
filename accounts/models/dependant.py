"""Somebody for whom another person books."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Relation(models.TextChoices):
    CHILD = "child", _("Child")
    PARTNER = "partner", _("Partner")
    PARENT = "parent", _("Parent")
    OTHER = "other", _("Somebody else in my care")


class Dependant(models.Model):
    """A child or relative without an account, whose visits `keeper` books and attends."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="dependants"
    )
    display_name = models.CharField(_("name"), max_length=120)
    relation = models.CharField(_("relation"), max_length=16, choices=Relation.choices)
    born_on = models.DateField(_("date of birth"), null=True, blank=True)
    is_active = models.BooleanField(_("can be booked for"), default=True)

    class Meta:
        verbose_name = _("person cared for")
        verbose_name_plural = _("people cared for")
        ordering = ("display_name",)

    def __str__(self) -> str:
        return self.display_name
