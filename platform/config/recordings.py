"""Where recordings are stored: a folder, or a bucket of S3 or of what speaks like it."""

from pathlib import Path
from typing import Any

from config.environment import refuse

CONNECT_SECS = 3
READ_SECS = 15


def spool_folder(chosen: str, data_dir: Path) -> Path:
    """Where a machine writes first; never where the storage lies, which is emptied by nobody."""
    spool = Path(chosen or data_dir / "spool").resolve()
    if spool.is_relative_to(data_dir / "recordings"):
        refuse("RECORDING_SPOOL must not be the folder of the recordings, nor lie in it.")
    return spool


def folder_storage(location: Path) -> dict[str, Any]:
    """The entry of STORAGES for a folder that only its owner may open."""
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(location),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


def bucket_storage(
    bucket: str, *, endpoint: str, region: str, access: tuple[str, str]
) -> dict[str, Any]:
    """The entry of STORAGES for a bucket, empty without its name; without an endpoint it is at AWS.

    Others want their buckets in the path, and may not know the checksums that AWS added in 2025.
    """
    if not bucket:
        return {}
    # What only a bucket needs is loaded only for one: it costs 30 MB a process.
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config

    others: dict[str, Any] = {
        "s3": {"addressing_style": "path"},
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    }
    access_key, secret_key = access
    return {
        "BACKEND": "calls.archive.bucket.RecordingBucket",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": region,
            "access_key": access_key or None,
            "secret_key": secret_key or None,
            "file_overwrite": True,
            "default_acl": None,
            "client_config": Config(
                connect_timeout=CONNECT_SECS,
                read_timeout=READ_SECS,
                retries={"total_max_attempts": 2, "mode": "standard"},
                signature_version="s3v4",
                **(others if endpoint else {}),
            ),
            "transfer_config": TransferConfig(use_threads=False),
        },
    }
