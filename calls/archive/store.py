"""Where the archive's ciphertext lies."""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages


def archive_root() -> Path:
    """The folder of the recording storage, which every worker and web process shares."""
    storage = storages[settings.RECORDING_STORAGE]
    assert isinstance(storage, FileSystemStorage), "recordings need a file system storage for now"
    return Path(storage.location)
