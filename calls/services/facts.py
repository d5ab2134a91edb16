"""The numbered facts of a call: the only place where its history grows."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from calls import signaling
from calls.models import CallEvent, CallSession, Participant
from calls.protocol import FactKind
from calls.services.errors import WrongState
from calls.states import CallState


@contextmanager
def locked_call(call_id: UUID, *, open_only: bool = True) -> Iterator[CallSession]:
    """The call, in a transaction that no other change of the same call runs beside.

    Whoever changes what belongs to a call, its appointment too, locks the call first: then no two
    wait for each other. Raises WrongState if it has ended, unless `open_only` is false.
    """
    with transaction.atomic():
        call = CallSession.objects.select_for_update().get(pk=call_id)
        if open_only and call.state == CallState.ENDED:
            raise WrongState("The visit has ended.")
        yield call


def lock_calls(call_ids: Iterable[UUID]) -> dict[UUID, CallSession]:
    """Several calls, locked within the transaction in the order of their ids."""
    rows = CallSession.objects.select_for_update(of=("self",)).select_related("service")
    return {call.pk: call for call in rows.filter(pk__in=set(call_ids)).order_by("pk")}


def append(
    call: CallSession,
    kind: FactKind,
    *,
    by: Participant | None = None,
    ref: str = "",
    **data: Any,
) -> int:
    """Add the next fact to `call`, which the caller holds locked; returns its number.

    Everyone who is connected is woken once the transaction commits.
    """
    CallSession.objects.filter(pk=call.pk).update(last_seq=F("last_seq") + 1)
    call.last_seq = CallSession.objects.values_list("last_seq", flat=True).get(pk=call.pk)
    CallEvent.objects.create(
        call=call, seq=call.last_seq, at=timezone.now(), kind=kind, by=by, ref=ref, data=data
    )
    call_id = call.pk
    transaction.on_commit(lambda: signaling.wake(call_id))
    return call.last_seq


def answered(by: Participant, ref: str) -> int | None:
    """The number of the fact that this very command became earlier, or None if it is new."""
    earlier = CallEvent.objects.filter(call_id=by.call_id, by=by, ref=ref)
    return earlier.values_list("seq", flat=True).first()


def since(call_id: UUID, seq: int, *, most: int) -> list[CallEvent]:
    """Up to `most` facts after `seq`, in order."""
    return list(CallEvent.objects.filter(call_id=call_id, seq__gt=seq).order_by("seq")[:most])
