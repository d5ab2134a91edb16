"""The numbered facts of a call."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.call import MAY_BE_HELD, CallSession, Participant
from calls.protocol import FactKind


class Reader(Protocol):
    """A participant as far as it matters to what they may read."""

    @property
    def pk(self) -> UUID: ...
    @property
    def role(self) -> str: ...
    @property
    def admitted_at(self) -> datetime | None: ...


class Written(Protocol):
    """A fact as far as it matters to who may read it."""

    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def data(self) -> dict[str, Any]: ...


def told(fact: Written, reader: Reader | None) -> dict[str, Any]:
    """The fact's data as they may read it: nothing of what is hidden from them.

    Who works there, None too, reads whom a message was kept from; no more is said of who reads.
    """
    if reader and is_hidden(fact, reader):
        return {}
    names_whom = fact.kind == FactKind.CHAT and not (reader and reader.role in MAY_BE_HELD)
    rules = ("from_customers",) if names_whom else ("from_customers", "kept_from")
    return {name: value for name, value in fact.data.items() if name not in rules}


def is_hidden(fact: Written, reader: Reader) -> bool:
    """Whether a fact is not theirs to read: kept from them when it was written, or from patients
    and guests whoever they are by now, or a message from before they were admitted."""
    if str(reader.pk) in fact.data.get("kept_from", ()):
        return True
    if fact.data.get("from_customers") and reader.role in MAY_BE_HELD:
        return True
    if fact.kind != FactKind.CHAT:
        return False
    return reader.admitted_at is None or fact.at < reader.admitted_at


class CallEvent(models.Model):
    """One fact: `seq` counts 1, 2, 3 ... per call without gaps (calls/services/facts.py)."""

    call = models.ForeignKey(CallSession, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField(_("at"))
    kind = models.CharField(
        _("kind"), max_length=32, choices=[(kind.value, kind.value) for kind in FactKind]
    )
    by = models.ForeignKey(
        Participant, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    # The client's own name of the command: the same one twice has one effect.
    ref = models.CharField(max_length=36, blank=True)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("call event")
        verbose_name_plural = _("call events")
        ordering = ("call", "seq")
        constraints = (
            models.UniqueConstraint(fields=("call", "seq"), name="event_seq_once"),
            models.UniqueConstraint(
                fields=("call", "by", "ref"),
                condition=~models.Q(ref=""),
                name="event_command_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"
