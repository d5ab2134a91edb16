"""Whether one more recording can be taken: better refused at once than failed beside the others."""

from django.conf import settings

from calls.models import Recording
from calls.services import nodes
from calls.states import RecordingState

# These have a recorder, or will want one as soon as they are taken.
_WANTED = (RecordingState.QUEUED, RecordingState.RECORDING)


def refusal() -> str:
    """Why no recording may begin now, in a sentence; "" where one may.

    While no recorder tells of itself nobody knows: it may be restarting, and a recording that
    waits for it is taken up as soon as it is there.
    """
    there = list(nodes.alive())
    if not there:
        return ""
    least = settings.RECORDING_MIN_FREE_BYTES
    fit = [node for node in there if node.disk_free_bytes >= least]
    if not fit:
        return "Every recorder's disk is full."
    wanted = Recording.objects.filter(state__in=_WANTED)
    for node in there:
        if node not in fit:  # what runs there takes nobody's room elsewhere
            wanted = wanted.exclude(lease_owner__startswith=f"{node.name.rpartition('@')[2]}:")
    if wanted.count() >= sum(node.capacity for node in fit):
        return "Every recorder is busy."
    return ""
