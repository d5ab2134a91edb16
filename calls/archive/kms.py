"""Keys that never leave their service: AWS KMS, or what speaks like it.

What the database keeps is the service's own ciphertext behind a head that says which key made it.
The encryption context names the recording, so that one recording's key opens no other.
"""

import hashlib
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from calls.archive.vault import Altered, KeyUnavailable

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

TIMEOUT_SECS = 2
ATTEMPTS = 2
# A player asks for many ranges of a recording; the service is asked once in this time.
KEPT_SECS = 60.0
KEPT_KEYS = 256
_VERSION = b"\x02"
_KEY_ID_BYTES = 8
_HEAD_BYTES = len(_VERSION) + _KEY_ID_BYTES
_NOT_ITS_OWN = ("InvalidCiphertextException", "IncorrectKeyException")


class KmsKeys:
    """A KeyWrapper: the first of these keys wraps, all of them unwrap."""

    name = "kms"

    def __init__(self, keys: Sequence[str], client: "KMSClient") -> None:
        self._client = client
        self._keys = {_key_id(key): key for key in keys}
        self._first_id = next(iter(self._keys))
        self._keeping = threading.Lock()
        self._opened: dict[tuple[bytes, UUID], tuple[float, bytes]] = {}
        self._dropping: threading.Timer | None = None

    def wrap(self, data_key: bytes, recording: UUID) -> bytes:
        answer = self._ask(
            "encrypt",
            KeyId=self._keys[self._first_id],
            Plaintext=data_key,
            EncryptionContext=_context(recording),
        )
        return _VERSION + self._first_id + bytes(answer["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, recording: UUID) -> bytes:
        key = self._keys.get(wrapped[len(_VERSION) : _HEAD_BYTES])
        if key is None or not self.holds(wrapped):
            raise KeyUnavailable("The key that wrapped this recording is not deployed.")
        kept_until, data_key = self._opened.get((wrapped, recording), (0.0, b""))
        if kept_until > time.monotonic():
            return data_key
        answer = self._ask(
            "decrypt",
            KeyId=key,
            CiphertextBlob=wrapped[_HEAD_BYTES:],
            EncryptionContext=_context(recording),
        )
        data_key = bytes(answer["Plaintext"])
        self._keep((wrapped, recording), data_key)
        return data_key

    def holds(self, wrapped: bytes) -> bool:
        return wrapped[:1] == _VERSION and wrapped[len(_VERSION) : _HEAD_BYTES] in self._keys

    def needs_rewrap(self, wrapped: bytes) -> bool:
        return wrapped[:_HEAD_BYTES] != _VERSION + self._first_id

    def _keep(self, which: tuple[bytes, UUID], data_key: bytes) -> None:
        now = time.monotonic()
        with self._keeping:
            kept = {each: entry for each, entry in self._opened.items() if entry[0] > now}
            self._opened = {} if len(kept) >= KEPT_KEYS else kept
            self._opened[which] = (now + KEPT_SECS, data_key)
            if self._dropping is None:
                self._drop_later()

    def _drop_later(self) -> None:
        self._dropping = threading.Timer(KEPT_SECS, self._drop)
        self._dropping.daemon = True
        self._dropping.start()

    def _drop(self) -> None:
        """A key that nobody asks for again does not stay in memory."""
        now = time.monotonic()
        with self._keeping:
            self._opened = {each: entry for each, entry in self._opened.items() if entry[0] > now}
            self._dropping = None
            if self._opened:
                self._drop_later()

    def _ask(self, action: str, **what: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, action)(**what)
        except ClientError as exc:
            code = exc.response.get("Error", {}).get("Code", "")
            if code in _NOT_ITS_OWN:
                raise Altered("The recording's wrapped key is damaged.") from exc
            raise KeyUnavailable(f"The key service refused to {action}: {code}.") from exc
        except BotoCoreError as exc:
            raise KeyUnavailable(f"The key service cannot be asked: {type(exc).__name__}.") from exc


@lru_cache(maxsize=4)
def kms_keys(
    keys: tuple[str, ...], *, endpoint: str, region: str, access: tuple[str, str], process: int
) -> KmsKeys:
    """The same for the same settings; `process` is its number, since a fork needs its own."""
    # Only a deployment that has such keys pays for the library.
    import boto3
    from botocore.config import Config

    session = boto3.Session(
        aws_access_key_id=access[0] or None, aws_secret_access_key=access[1] or None
    )
    client = session.client(
        "kms",
        endpoint_url=endpoint or None,
        region_name=region,
        config=Config(
            connect_timeout=TIMEOUT_SECS,
            read_timeout=TIMEOUT_SECS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        ),
    )
    return KmsKeys(keys, client)


def _context(recording: UUID) -> dict[str, str]:
    return {"parlour:recording": str(recording)}


def _key_id(key: str) -> bytes:
    return hashlib.sha256(b"parlour kms key" + key.encode()).digest()[:_KEY_ID_BYTES]
