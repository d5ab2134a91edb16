"""The data key of a recording: made once, kept wrapped on its row."""

from django.conf import settings

from calls.archive.vault import DataKey, KeyUnavailable, Vault
from calls.models import Recording


def vault() -> Vault:
    """The deployment's keys; raises KeyUnavailable if there is none or a wrong one."""
    return Vault(settings.RECORDING_KEYS)


def make_recording_key(recording: Recording) -> DataKey:
    """The recording's key, made if it has none yet; of several makers one wins for all."""
    if not recording.wrapped_key:
        _, wrapped = vault().new_data_key(recording.pk)
        rows = Recording.objects.filter(pk=recording.pk, wrapped_key=b"")
        rows.update(wrapped_key=wrapped)
        recording.refresh_from_db(fields=["wrapped_key"])
    return recording_key(recording)


def recording_key(recording: Recording) -> DataKey:
    """The key to read a recording with; raises KeyUnavailable, also after crypto-erasure."""
    if not recording.wrapped_key:
        raise KeyUnavailable("This recording has no key: nothing was captured, or it was erased.")
    return vault().open_data_key(bytes(recording.wrapped_key), recording.pk)
