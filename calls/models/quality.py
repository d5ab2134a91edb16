"""What a connection between two legs was like, moment by moment."""

from typing import get_args

from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.call import CallSession, Leg
from calls.protocol import CandidateType, Rung


class QualitySample(models.Model):
    """What the browser of `leg` measured of its connection to `other` in some seconds before `at`.

    Numbers only: no address of anybody is ever in it. Deleted with the call.
    """

    call = models.ForeignKey(CallSession, on_delete=models.CASCADE, related_name="quality_samples")
    leg = models.ForeignKey(Leg, on_delete=models.CASCADE, related_name="samples")
    other = models.ForeignKey(Leg, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("at"))
    rung = models.CharField(_("step"), max_length=8)
    state = models.CharField(_("state"), max_length=16)
    # Shares of the packets, 0 to 1, null if too few were sent to say: `in` is what came from the
    # other leg, as `leg` counted it.
    loss_in = models.FloatField(_("loss, incoming"), null=True, blank=True)
    loss_out = models.FloatField(_("loss, outgoing"), null=True, blank=True)
    round_trip_ms = models.PositiveIntegerField(_("round trip, ms"), default=0)
    jitter_ms = models.PositiveIntegerField(_("jitter, ms"), default=0)
    in_kbps = models.PositiveIntegerField(_("incoming, kbit/s"), default=0)
    out_kbps = models.PositiveIntegerField(_("outgoing, kbit/s"), default=0)
    available_kbps = models.PositiveIntegerField(_("available, kbit/s"), null=True, blank=True)
    in_width = models.PositiveSmallIntegerField(_("width"), default=0)
    in_height = models.PositiveSmallIntegerField(_("height"), default=0)
    in_fps = models.PositiveSmallIntegerField(_("pictures a second"), default=0)
    # The kind of path, "" while there is none: host, srflx, prflx or relay; udp, tcp or tls.
    local = models.CharField(_("local candidate"), max_length=8, blank=True)
    remote = models.CharField(_("remote candidate"), max_length=8, blank=True)
    protocol = models.CharField(_("protocol"), max_length=8, blank=True)

    class Meta:
        verbose_name = _("quality sample")
        verbose_name_plural = _("quality samples")
        ordering = ("at",)
        indexes = (
            # The flight recorder's page, and the count that bounds what one call may store.
            models.Index(fields=("call", "at"), name="sample_of_call"),
            # The latest of a pair of legs: not more than one in a few seconds.
            models.Index(fields=("leg", "other", "at"), name="sample_of_pair"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(rung__in=get_args(Rung)), name="sample_rung_known"
            ),
            models.CheckConstraint(
                condition=models.Q(local__in=("", *get_args(CandidateType)))
                & models.Q(remote__in=("", *get_args(CandidateType))),
                name="sample_route_known",
            ),
            models.CheckConstraint(
                condition=models.Q(loss_in__range=(0, 1)) & models.Q(loss_out__range=(0, 1)),
                name="sample_loss_is_share",
            ),
            models.CheckConstraint(
                condition=~models.Q(leg=models.F("other")), name="sample_of_two_legs"
            ),
        )

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.rung}"
