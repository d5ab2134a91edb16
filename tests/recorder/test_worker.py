"""What a worker does with a recording that it cannot capture: it tells, or lets another try."""

import errno
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from calls.archive.keys import make_recording_key
from calls.models import CallEvent, LedgerEntry, Participant, Recording
from calls.recorder import session, worker
from calls.recorder.memory import Growth
from calls.recorder.worker import GROWN, MOST_BEGINNINGS, record
from calls.states import LedgerKind, RecordingState
from tests.support.cast import Cast
from tests.support.servers import free_port

# A process of its own whose capture left a thread behind that never comes back.
STANDS_STILL = """
import asyncio, time, django
django.setup()
from calls.recorder import worker
class Capture:
    stands_still = True
    async def run(self):
        asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
        return "disk_slow"
asyncio.run(worker._capture(Capture, lambda reason: print(reason, end="", flush=True)))
"""


@pytest.fixture
def queued(cast: Cast) -> Recording:
    """Everyone agreed; no worker has it."""
    ada = Participant.objects.get(call=cast.call, user=cast.ada)
    now = timezone.now()
    return Recording.objects.create(
        call=cast.call, asked_by=ada, asked_at=now, queued_at=now, state=RecordingState.QUEUED
    )


def outcome(recording: Recording) -> tuple[str, str]:
    recording.refresh_from_db()
    return recording.state, recording.reason


def told() -> list[str]:
    return [fact.data["reason"] for fact in CallEvent.objects.filter(kind="recording_failed")]


def test_it_fails_where_the_archive_cannot_be_made(
    queued: Recording, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(worker, "spool_root", lambda: tmp_path / "file" / "recordings")
    record(str(queued.pk))
    assert outcome(queued) == (RecordingState.FAILED, "disk_failed")
    assert told() == ["disk_failed"]


def test_it_fails_with_a_damaged_key(queued: Recording) -> None:
    make_recording_key(queued)
    Recording.objects.update(wrapped_key=bytes(queued.wrapped_key)[:-1])
    record(str(queued.pk))
    assert outcome(queued) == (RecordingState.FAILED, "key_unavailable")
    assert told() == ["key_unavailable"]


def test_it_lets_another_worker_try_when_it_cannot_get_into_the_call(
    queued: Recording, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(session, "JOIN_SECS", 0.1)
    settings.INTERNAL_WS_URL = f"ws://127.0.0.1:{free_port()}"
    record(str(queued.pk))
    assert outcome(queued) == (RecordingState.QUEUED, "")
    assert (queued.lease_owner, queued.attempts) == ("", 1)


def test_it_gives_up_when_none_ever_gets_into_the_call(queued: Recording) -> None:
    Recording.objects.update(attempts=MOST_BEGINNINGS)
    record(str(queued.pk))
    assert outcome(queued) == (RecordingState.FAILED, "no_recorder")
    assert told() == ["no_recorder"]


def test_it_hands_over_when_its_process_grows_and_ends_it_the_second_time(
    queued: Recording, settings: Settings
) -> None:
    settings.INTERNAL_WS_URL = f"ws://127.0.0.1:{free_port()}"
    settings.RECORDER_MEMORY_BYTES = -(2**40)  # whatever it holds is too much
    record(str(queued.pk))
    assert outcome(queued) == (RecordingState.QUEUED, "")
    LedgerEntry.objects.append(queued.pk, LedgerKind.TRACK_ENDED, reason=GROWN)
    record(str(queued.pk))
    assert outcome(queued) == (RecordingState.FAILED, GROWN)
    assert told() == [GROWN]


def test_it_stays_while_its_process_grows_little() -> None:
    growth = Growth(2**28)
    assert not growth.is_over()
    held = bytearray(b"1") * 2**22
    assert not growth.is_over()
    assert len(held) == 2**22
    assert Growth(-(2**40)).is_over()


def test_its_process_ends_where_a_disk_never_answers() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STANDS_STILL], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "disk_slow")


def test_it_counts_the_hours_of_the_worker_before(queued: Recording, settings: Settings) -> None:
    settings.INTERNAL_WS_URL = f"ws://127.0.0.1:{free_port()}"
    begun = timezone.now() - timedelta(seconds=session.LONGEST_SECS + 1)
    Recording.objects.update(state=RecordingState.RECORDING, started_at=begun)
    record(str(queued.pk))
    assert outcome(queued)[1] == "too_long"


def test_it_hands_over_when_one_of_its_loops_breaks(
    queued: Recording, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INTERNAL_WS_URL = f"ws://127.0.0.1:{free_port()}"

    def broken() -> str:
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr(worker, "_stop_when_told", lambda: broken)
    record(str(queued.pk))
    assert outcome(queued) == (RecordingState.QUEUED, "")
    assert queued.lease_owner == ""


def test_its_process_ends_where_a_muxer_never_comes_back(
    queued: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "HEARTBEAT_SECS", 0.05)
    monkeypatch.setattr(worker, "STANDS_STILL_SECS", 0.0)
    child = os.fork()
    if child == 0:
        with worker._Heartbeat(queued, owner="worker"):
            time.sleep(30)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
