"""Keys: one data key per recording, wrapped by the deployment's keys.

The data key seals every segment and file of one recording with AES-256-GCM (NIST SP 800-38D),
with a random 96-bit nonce each time and associated data that names what is sealed, so that a
segment cannot pass for another one. The database holds the data key only wrapped; the wrapping
keys come from the deployment's settings or its key service and live elsewhere
(calls/archive/keyring.py). Without a key nothing is sealed at all: there is no plaintext mode.
"""

import hashlib
import os
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SEAL_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES
_KEY_ID_BYTES = 8
_WRAP_VERSION = b"\x01"
_WRAPPED_BYTES = len(_WRAP_VERSION) + _KEY_ID_BYTES + SEAL_OVERHEAD_BYTES + KEY_BYTES


class VaultError(Exception):
    """The archive's encryption could not do what was asked."""


class KeyUnavailable(VaultError):
    """No usable deployment key: nothing may be recorded or read."""


class Altered(VaultError):
    """The ciphertext is not what was sealed under this name."""


class DataKey:
    """The key of one recording, in the open; lives in memory only."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plaintext: bytes, *, context: bytes) -> bytes:
        """Return nonce, ciphertext and tag; 28 bytes more than went in."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plaintext, context)

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """Return the plaintext; raise Altered if a bit, or the context, is another one."""
        if len(sealed) < SEAL_OVERHEAD_BYTES:
            raise Altered("The sealed data is cut short.")
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
        except InvalidTag as exc:
            raise Altered("The sealed data was altered, or belongs to something else.") from exc


class Vault:
    """Wrapping keys in this process, a KeyWrapper: the first one wraps, all of them unwrap."""

    def __init__(self, keys: Sequence[bytes], *, name: str = "environment") -> None:
        """Take keys of 32 bytes each; raise KeyUnavailable for none or one of another length."""
        self.name = name
        if not keys:
            raise KeyUnavailable("RECORDING_KEYS is empty: recording needs at least one key.")
        self._keys: dict[bytes, AESGCM] = {}
        for number, key in enumerate(keys, start=1):
            if len(key) != KEY_BYTES:
                raise KeyUnavailable(f"The {name} key {number} must be {KEY_BYTES} bytes long.")
            self._keys.setdefault(_key_id(key), AESGCM(key))
        self._first_id = next(iter(self._keys))

    def new_data_key(self, recording: UUID) -> tuple[DataKey, bytes]:
        """Return a fresh data key and its wrapped form, which is what the database keeps."""
        key = os.urandom(KEY_BYTES)
        return DataKey(key), self.wrap(key, recording)

    def open_data_key(self, wrapped: bytes, recording: UUID) -> DataKey:
        """Raise KeyUnavailable if the key that wrapped it is not deployed, Altered if damaged."""
        return DataKey(self.unwrap(wrapped, recording))

    def rewrap(self, wrapped: bytes, recording: UUID) -> bytes:
        """Return the same data key under the first of these keys: what a rotation does."""
        return self.wrap(self.unwrap(wrapped, recording), recording)

    def holds(self, wrapped: bytes) -> bool:
        """Whether one of these keys wrapped it."""
        return wrapped[:1] == _WRAP_VERSION and wrapped[1 : 1 + _KEY_ID_BYTES] in self._keys

    def needs_rewrap(self, wrapped: bytes) -> bool:
        return wrapped[: 1 + _KEY_ID_BYTES] != _WRAP_VERSION + self._first_id

    def wrap(self, data_key: bytes, recording: UUID) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        head = _WRAP_VERSION + self._first_id
        context = _wrap_context(head, recording)
        return head + nonce + self._keys[self._first_id].encrypt(nonce, data_key, context)

    def unwrap(self, wrapped: bytes, recording: UUID) -> bytes:
        """Raise KeyUnavailable if none of these keys wrapped it, Altered if it is damaged."""
        wrapped = bytes(wrapped)
        if len(wrapped) != _WRAPPED_BYTES or not wrapped.startswith(_WRAP_VERSION):
            raise Altered("The recording's wrapped key is damaged.")
        head, rest = wrapped[: 1 + _KEY_ID_BYTES], wrapped[1 + _KEY_ID_BYTES :]
        cipher = self._keys.get(head[1:])
        if cipher is None:
            raise KeyUnavailable("The key that wrapped this recording is not deployed.")
        try:
            return cipher.decrypt(
                rest[:NONCE_BYTES], rest[NONCE_BYTES:], _wrap_context(head, recording)
            )
        except InvalidTag as exc:
            raise Altered("The recording's wrapped key is damaged.") from exc


def segment_context(*, recording: UUID, participant: UUID, track: UUID, index: int) -> bytes:
    return f"parlour segment 1|{recording}|{participant}|{track}|{index}".encode()


def artifact_context(
    *, recording: UUID, participant: UUID | None, kind: str, name: str = ""
) -> bytes:
    """A file of everybody names no participant, one from before files were named no name."""
    place = f"{recording}|{participant}|{kind}"
    told = f"parlour artifact 2|{place}|{name}" if name else f"parlour artifact 1|{place}"
    return told.encode()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"parlour key id" + key).digest()[:_KEY_ID_BYTES]


def _wrap_context(head: bytes, recording: UUID) -> bytes:
    return b"parlour data key|" + head + b"|" + str(recording).encode()
