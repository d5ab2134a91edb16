"""The numbered facts of a call."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.call import CallSession, Participant
from calls.protocol import FactKind


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
