"""Recorders tell of themselves; past what they have room for no recording is asked for."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from calls.codes import ErrorCode
from calls.models import CallSession, Participant, RecorderNode, Recording
from calls.recorder.node import NodeTeller
from calls.services import capacity, consent, nodes
from calls.services.errors import RecorderBusy
from calls.states import ParticipantState, RecordingState
from tests.support.cast import TEXT_VERSION, Cast


def tell(name: str = "recorder@one", *, room: int = 1, free: int = 2**40) -> None:
    figures = nodes.Figures(
        capacity=room, disk_free_bytes=free, spool_files=0, spool_bytes=0, memory_bytes=0
    )
    nodes.tell(name, figures, started_at=timezone.now(), host=nodes.host_name())


def admitted(cast: Cast) -> Participant:
    """Both are in the visit; the agent, who may ask, is returned."""
    cast.call.participants.exclude(role="recorder").update(state=ParticipantState.ADMITTED)
    agent: Participant = cast.call.participants.get(role="agent")
    return agent


def running(call: CallSession, state: RecordingState = RecordingState.RECORDING) -> Recording:
    agent = call.participants.get(role="agent")
    return Recording.objects.create(
        call=call, asked_by=agent, asked_at=timezone.now(), state=state,
        lease_owner=f"{nodes.host_name()}:1:abc",
        lease_expires_at=timezone.now() + timedelta(minutes=1),
    )  # fmt: skip


def other_call(cast: Cast) -> CallSession:
    return CallSession.objects.exclude(pk=cast.call.pk).get()


def test_it_asks_while_there_is_room_or_nobody_knows(cast: Cast) -> None:
    assert capacity.refusal() == ""
    tell()
    assert capacity.refusal() == ""


def test_it_refuses_once_every_recorder_is_busy_and_changes_nothing(cast: Cast) -> None:
    agent = admitted(cast)
    tell(room=1)
    running(other_call(cast))
    with pytest.raises(RecorderBusy) as refused:
        consent.ask(TEXT_VERSION, by=agent, ref="r1")
    assert (refused.value.code, refused.value.detail) == (
        ErrorCode.RECORDER_BUSY, "Every recorder is busy.",
    )  # fmt: skip
    assert not cast.call.recordings.exists()
    tell("recorder@two", room=1)
    consent.ask(TEXT_VERSION, by=agent, ref="r1")
    assert cast.call.recordings.get().state == RecordingState.ASKING


def test_it_counts_neither_who_is_gone_nor_who_leaves(cast: Cast) -> None:
    tell(room=1)
    running(other_call(cast))
    tell("recorder@two", room=8)
    assert capacity.refusal() == ""
    nodes.leave("recorder@two")
    assert capacity.refusal() == "Every recorder is busy."
    RecorderNode.objects.update(seen_at=timezone.now() - timedelta(seconds=11))
    assert capacity.refusal() == ""  # nobody is there who could say


def test_it_refuses_where_no_disk_has_room(cast: Cast) -> None:
    tell(free=settings.RECORDING_MIN_FREE_BYTES - 1)
    assert capacity.refusal() == "Every recorder's disk is full."


def test_it_tells_what_it_holds_and_that_it_leaves(cast: Cast) -> None:
    running(cast.call)
    teller = NodeTeller("recorder@here", capacity=3)
    teller.tell()
    node = RecorderNode.objects.get()
    assert (node.name, node.capacity, node.running) == ("recorder@here", 3, 1)
    assert node.disk_free_bytes > 0
    teller.tell()
    teller.stop()
    node.refresh_from_db()
    assert node.is_leaving
    assert not nodes.alive().exists()
    RecorderNode.objects.update(seen_at=timezone.now() - timedelta(days=2))
    nodes.forget_gone()
    assert not RecorderNode.objects.exists()


def test_what_a_full_machine_still_records_takes_no_room_of_others(cast: Cast) -> None:
    tell(f"recorder@{nodes.host_name()}", room=1, free=0)
    running(other_call(cast))
    tell("recorder@two", room=1)
    assert capacity.refusal() == ""
