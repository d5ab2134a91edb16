"""Keys in the environment, in a file and in a key service; moving from one to another."""

import base64
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

import config.settings
from calls.archive import kms
from calls.archive.keys import make_recording_key, recording_key, ring
from calls.archive.vault import Altered, KeyUnavailable
from calls.models import Recording
from calls.recorder import worker
from calls.states import RecordingState
from tests.archive.shelf import recording_of
from tests.support.cast import Cast
from tests.support.cloud import ACCESS, REGION, Cloud
from tests.support.servers import wait_for

OLD, NEW = b"o" * 32, b"n" * 32
SECRET = b"sealed before the keys moved"


@pytest.fixture
def kms_key(cloud: Cloud, settings: Settings) -> Iterator[str]:
    """A key of the service, which comes first."""
    key: str = cloud.client("kms").create_key()["KeyMetadata"]["KeyId"]
    settings.RECORDING_KMS_KEYS = [key]
    settings.RECORDING_KMS_ENDPOINT = cloud.url
    settings.RECORDING_KMS_REGION = REGION
    settings.RECORDING_KMS_ACCESS = ACCESS
    yield key
    kms.kms_keys.cache_clear()


def key_file(path: Path, *keys: bytes, mode: int = 0o600) -> Path:
    path.write_text("\n".join(base64.b64encode(key).decode() for key in keys))
    path.chmod(mode)
    return path


def sealed_with(recording: Recording) -> bytes:
    return recording_key(recording).seal(SECRET, context=b"here")


def opens(recording: Recording, sealed: bytes) -> bool:
    recording.refresh_from_db()
    return recording_key(recording).open(sealed, context=b"here") == SECRET


# --- Places -----------------------------------------------------------------------------------
def test_it_refuses_to_record_without_any_key(cast: Cast, settings: Settings) -> None:
    settings.RECORDING_KEYS = []
    with pytest.raises(KeyUnavailable):
        recording_of(cast.call)


def test_it_reads_a_key_file_again_when_it_changes(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    settings.RECORDING_KEYS_FILE = path = key_file(tmp_path / "keys", OLD)
    recording = recording_of(cast.call)
    sealed = sealed_with(recording)
    assert ring().first.name == "file"
    key_file(path, NEW, OLD)
    assert opens(recording, sealed)
    assert ring().needs_rewrap(bytes(recording.wrapped_key))


@pytest.mark.parametrize("spoil", ["open", "empty", "gone"])
def test_it_wraps_nothing_with_a_bad_key_file(
    spoil: str, cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    settings.RECORDING_KEYS_FILE = path = key_file(tmp_path / "keys", NEW)
    match spoil:
        case "open":
            path.chmod(0o640)
        case "empty":
            path.write_text("")
        case _:
            path.unlink()
    with pytest.raises(KeyUnavailable, match=str(path)):
        ring().new_data_key(uuid4())
    settings.RECORDING_KEY_ORDER = ["environment", "file", "kms"]
    recording = recording_of(cast.call)
    assert opens(recording, sealed_with(recording))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"RECORDING_KEYS_FILE": "open"}, "which others may open: chmod 600."),
        ({"RECORDING_KEYS_FILE": "absent"}, "which cannot be read."),
        ({"RECORDING_KMS_KEY_ID": "alias/a"}, "an alias may move"),
        ({"RECORDING_KMS_ENDPOINT": "http://kms.example.com"}, "must begin with https://"),
        ({"RECORDING_KEY_ORDER": "file"}, "must list kms, file, environment, each once."),
        ({"RECORDING_STORAGE_BUCKET": "a", "RECORDING_STORAGE_ENDPOINT": "a"}, "an address such"),
        ({"RECORDING_STORAGE_ACCESS_KEY": "a"}, "are set together, or neither."),
        ({"RECORDING_SPOOL": "recordings"}, "must not be the folder of the recordings"),
    ],
)
def test_it_starts_with_no_wrong_value(
    given: dict[str, str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file(tmp_path / "open", NEW, mode=0o644)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"^Parlour cannot start: .*{re.escape(sentence)}"):
        runpy.run_path(config.settings.__file__)


# --- The key service --------------------------------------------------------------------------
def test_it_keeps_only_the_services_ciphertext(cast: Cast, kms_key: str) -> None:
    recording = recording_of(cast.call)
    assert opens(recording, sealed_with(recording))
    assert ring().holder(bytes(recording.wrapped_key)) is ring().first
    assert ring().first.name == "kms"


def test_it_opens_no_other_recording(kms_key: str) -> None:
    mine, other = uuid4(), uuid4()
    _key, wrapped = ring().new_data_key(mine)
    ring().unwrap(wrapped, mine)
    with pytest.raises(Altered):
        ring().unwrap(wrapped, other)
    with pytest.raises((Altered, KeyUnavailable)):
        ring().unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]), mine)


def test_it_begins_no_recording_without_its_key_service(
    cast: Cast, cloud: Cloud, kms_key: str
) -> None:
    running = recording_of(cast.call)
    key = make_recording_key(running)
    Recording.objects.filter(pk=running.pk).update(state=RecordingState.READY)
    begun = Recording.objects.create(
        call=cast.call, asked_by=running.asked_by, asked_at=running.asked_at,
        state=RecordingState.QUEUED,
    )  # fmt: skip
    cloud.stop()
    worker.record(str(begun.pk))
    begun.refresh_from_db()
    assert (begun.state, begun.reason) == (RecordingState.FAILED, "key_unavailable")
    assert bytes(begun.wrapped_key) == b""
    # Who captures goes on with the key in memory; who wants to play is refused.
    assert key.open(key.seal(SECRET, context=b""), context=b"") == SECRET
    kms.kms_keys.cache_clear()  # as another process
    with pytest.raises(KeyUnavailable, match="cannot be asked"):
        recording_key(running)
    cloud.start()
    assert recording_key(running).open(key.seal(SECRET, context=b""), context=b"") == SECRET


def test_it_asks_the_service_once_while_a_recording_is_played(
    cast: Cast, cloud: Cloud, kms_key: str
) -> None:
    recording = recording_of(cast.call)
    sealed = sealed_with(recording)
    cloud.stop()
    assert all(opens(recording, sealed) for _ in range(3))
    Recording.objects.update(wrapped_key=b"")
    recording.refresh_from_db()
    with pytest.raises(KeyUnavailable):
        recording_key(recording)


def test_it_holds_no_opened_key_for_longer_than_it_is_asked_for(
    cast: Cast, kms_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kms, "KEPT_SECS", 0.2)
    kms.kms_keys.cache_clear()
    recording = recording_of(cast.call)
    assert recording_key(recording)
    service = ring().first
    assert isinstance(service, kms.KmsKeys)
    assert service._opened
    wait_for(lambda: not service._opened, "it is dropped")
    assert recording_key(recording)
