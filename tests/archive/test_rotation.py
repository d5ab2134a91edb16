"""Every recording's key under a new one, while recordings are made and read."""

import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from audit.models import AuditEntry
from calls.archive import rotation
from calls.archive.keys import make_recording_key, recording_key
from calls.models import Recording
from calls.states import RecordingState
from tests.archive.shelf import recording_of
from tests.archive.test_keys import NEW, OLD, SECRET, kms_key, opens, sealed_with
from tests.support.cast import Cast
from tests.support.cloud import Cloud

__all__ = ["kms_key"]


def rotate(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_recording_keys", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_it_moves_to_the_key_service_and_back(cast: Cast, kms_key: str, settings: Settings) -> None:
    settings.RECORDING_KEYS, service, settings.RECORDING_KMS_KEYS = [OLD], [kms_key], []
    recording = recording_of(cast.call)
    sealed = sealed_with(recording)

    settings.RECORDING_KMS_KEYS = service
    with pytest.raises(CommandError, match="Old keys are still needed"):
        rotate("--check")
    assert "1 keys wrapped anew, 0 were already" in rotate()
    assert "0 keys wrapped anew, 1 were already" in rotate()
    assert "1 under the first key" in rotate("--check")
    settings.RECORDING_KEYS = []
    assert opens(recording, sealed)

    settings.RECORDING_KEYS = [NEW]
    settings.RECORDING_KEY_ORDER = ["environment", "file", "kms"]
    rotate()
    settings.RECORDING_KMS_KEYS = []
    assert opens(recording, sealed)
    assert AuditEntry.objects.filter(action="recording.rotate_keys").count() == 2


def test_it_rotates_while_recordings_are_made_and_read(
    cast: Cast, settings: Settings, transactional_db: None
) -> None:
    settings.RECORDING_KEYS = [OLD]
    recording = recording_of(cast.call)
    captured = make_recording_key(recording)
    sealed = sealed_with(recording)
    settings.RECORDING_KEYS = [NEW, OLD]
    stop, failed = threading.Event(), []

    def read() -> None:
        try:
            while not stop.is_set():
                stale = Recording.objects.get(pk=recording.pk)
                stop.wait(0.002)
                recording_key(stale).open(sealed, context=b"here")
        except Exception as fault:
            failed.append(fault)
        finally:
            connection.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for newest in ([NEW, OLD], [OLD, NEW], [NEW, OLD]):
        settings.RECORDING_KEYS = newest
        assert rotation.rotate().rewrapped == 1
    stop.set()
    for reader in readers:
        reader.join()
    assert failed == []
    after = captured.seal(SECRET, context=b"here")
    settings.RECORDING_KEYS = [NEW]
    assert opens(recording, sealed)
    assert opens(recording, after)


def test_it_rotates_more_than_a_batch(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RECORDING_KEYS = [OLD]
    made = [recording_of(cast.call, state=RecordingState.READY) for _ in range(5)]
    sealed = [sealed_with(recording) for recording in made]
    monkeypatch.setattr(rotation, "BATCH", 2)
    settings.RECORDING_KEYS = [NEW, OLD]
    assert rotation.standing() == rotation.Standing(current=0, old={"environment": 5}, unknown=0)
    assert rotation.rotate() == rotation.Rotated(rewrapped=5, already=0)
    assert rotation.rotate() == rotation.Rotated(rewrapped=0, already=5)
    settings.RECORDING_KEYS = [NEW]
    assert all(opens(recording, each) for recording, each in zip(made, sealed, strict=True))


def test_it_brings_no_erased_key_back(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RECORDING_KEYS = [OLD]
    recording_of(cast.call)
    settings.RECORDING_KEYS = [NEW, OLD]
    known = list(rotation._wrapped_keys())
    monkeypatch.setattr(rotation, "_wrapped_keys", lambda: iter(known))
    Recording.objects.update(wrapped_key=b"")
    assert rotation.rotate().rewrapped == 0
    assert bytes(Recording.objects.get().wrapped_key) == b""


def test_it_names_what_nobody_here_can_unwrap(cast: Cast, settings: Settings) -> None:
    settings.RECORDING_KEYS = [OLD]
    recording = recording_of(cast.call)
    settings.RECORDING_KEYS = [NEW]
    before = bytes(recording.wrapped_key)
    with pytest.raises(CommandError, match="1 keys are damaged, or under a key that is not"):
        rotate()
    with pytest.raises(CommandError):
        rotate("--check")
    recording.refresh_from_db()
    assert bytes(recording.wrapped_key) == before


def test_it_goes_on_where_a_stopped_rotation_was(
    cast: Cast, cloud: Cloud, kms_key: str, settings: Settings
) -> None:
    settings.RECORDING_KMS_KEYS = []
    recording = recording_of(cast.call)
    sealed = sealed_with(recording)
    settings.RECORDING_KMS_KEYS = [kms_key]
    cloud.stop()
    with pytest.raises(CommandError, match="The key service cannot be asked"):
        rotate()
    assert opens(recording, sealed)
    cloud.start()
    rotate()
    assert "1 under the first key" in rotate("--check")
