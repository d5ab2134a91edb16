"""The data key of a recording: made once, kept wrapped on its row."""

import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from calls.archive.keyfile import BadKeys, read_keys
from calls.archive.keyring import AbsentKeys, KeyRing, KeyWrapper
from calls.archive.kms import kms_keys
from calls.archive.vault import DataKey, KeyUnavailable, Vault
from calls.models import Recording


def ring() -> KeyRing:
    """The deployment's keys, as they are now; raises KeyUnavailable if there is none."""
    places = {
        "environment": _environment_keys,
        "file": _file_keys,
        "kms": _service_keys,
    }
    found = [places[name]() for name in settings.RECORDING_KEY_ORDER]
    return KeyRing([each for each in found if each is not None])


def make_recording_key(recording: Recording) -> DataKey:
    """The recording's key, made if it has none yet; of several makers one wins for all."""
    if not recording.wrapped_key:
        key, wrapped = ring().new_data_key(recording.pk)
        rows = Recording.objects.filter(pk=recording.pk, wrapped_key=b"")
        if rows.update(wrapped_key=wrapped):
            recording.wrapped_key = wrapped
            return key
        recording.refresh_from_db(fields=["wrapped_key"])
    return recording_key(recording)


def recording_key(recording: Recording) -> DataKey:
    """The key to read a recording with; raises KeyUnavailable, also after crypto-erasure."""
    if not recording.wrapped_key:
        raise KeyUnavailable("This recording has no key: nothing was captured, or it was erased.")
    return ring().open_data_key(bytes(recording.wrapped_key), recording.pk)


def _environment_keys() -> KeyWrapper | None:
    return Vault(settings.RECORDING_KEYS) if settings.RECORDING_KEYS else None


def _file_keys() -> KeyWrapper | None:
    path: Path | None = settings.RECORDING_KEYS_FILE
    if path is None:
        return None
    try:
        told = path.stat()
        return _read(path, (told.st_mtime_ns, told.st_ctime_ns, told.st_size, told.st_ino))
    except (BadKeys, OSError) as fault:
        return AbsentKeys("file", str(fault))


@lru_cache(maxsize=1)
def _read(path: Path, _version: tuple[int, ...]) -> Vault:
    """Read again whenever the file was changed, so that a new key needs no restart."""
    return Vault(read_keys(path, name="RECORDING_KEYS_FILE"), name="file")


def _service_keys() -> KeyWrapper | None:
    if not settings.RECORDING_KMS_KEYS:
        return None
    return kms_keys(
        tuple(settings.RECORDING_KMS_KEYS),
        endpoint=settings.RECORDING_KMS_ENDPOINT,
        region=settings.RECORDING_KMS_REGION,
        access=settings.RECORDING_KMS_ACCESS,
        process=os.getpid(),
    )
