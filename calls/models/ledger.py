"""A recording's ledger: entries that each carry the hash of the one before."""

from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.chain import Link, digest_of
from calls.models.recording import Recording
from calls.states import LedgerKind


class LedgerManager(models.Manager["LedgerEntry"]):
    def append(self, recording: UUID, kind: LedgerKind, **data: Any) -> "LedgerEntry":
        """Write the next entry of a recording; `data` is plain JSON (times as Unix seconds).

        Ids are written as text. The recording's row is locked until the caller's transaction ends,
        so entries follow one another however many processes write.
        """
        plain = {name: str(it) if isinstance(it, UUID) else it for name, it in data.items()}
        with transaction.atomic():
            row = Recording.objects.select_for_update().only("ledger_number", "ledger_head")
            head = row.get(pk=recording)
            body = {"kind": kind.value, "at": round(timezone.now().timestamp(), 3), **plain}
            number = head.ledger_number + 1
            digest = digest_of(number, body, head.ledger_head)
            entry = self.create(
                recording_id=recording,
                number=number,
                body=body,
                previous=head.ledger_head,
                digest=digest,
            )
            Recording.objects.filter(pk=recording).update(ledger_number=number, ledger_head=digest)
        return entry


class LedgerEntry(models.Model):
    """One entry: `body` has its `kind`, `at` in Unix seconds, and what the kind needs.

    Kinds and their fields are told in docs/recording.md. No names, only ids.
    """

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField(_("number"))
    body = models.JSONField(_("what"), encoder=DjangoJSONEncoder)
    previous = models.CharField(_("hash before"), max_length=64)
    digest = models.CharField(_("hash"), max_length=64)

    objects = LedgerManager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("recording", "number")
        constraints = (
            models.UniqueConstraint(fields=("recording", "number"), name="ledger_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def link(self) -> Link:
        return Link(self.number, self.body, self.previous, self.digest)
