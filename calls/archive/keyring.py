"""The deployment's keys, wherever they are: the first place wraps, every place unwraps.

So a deployment moves from one key, or from one place, to another: the new one is put in front, and
`rotate_recording_keys` wraps every recording's key anew.
"""

import hmac
import os
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from calls.archive.vault import KEY_BYTES, Altered, DataKey, KeyUnavailable


class KeyWrapper(Protocol):
    """One place with keys: this process (calls/archive/vault.py) or a service (kms.py)."""

    name: str

    def wrap(self, data_key: bytes, recording: UUID) -> bytes:
        """The data key under the first of these keys. Raises KeyUnavailable."""

    def unwrap(self, wrapped: bytes, recording: UUID) -> bytes:
        """The data key. Raises KeyUnavailable, and Altered if it was damaged or is another's."""

    def holds(self, wrapped: bytes) -> bool:
        """Whether one of these keys wrapped it, as it says itself."""

    def needs_rewrap(self, wrapped: bytes) -> bool:
        """Whether it was not the first of these keys that wrapped it."""


class AbsentKeys:
    """A place that was set and cannot be used now: nothing is wrapped or unwrapped there."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self._why = why

    def wrap(self, data_key: bytes, recording: UUID) -> bytes:
        raise KeyUnavailable(self._why)

    def unwrap(self, wrapped: bytes, recording: UUID) -> bytes:
        raise KeyUnavailable(self._why)

    def holds(self, wrapped: bytes) -> bool:
        return False

    def needs_rewrap(self, wrapped: bytes) -> bool:
        return True


class KeyRing:
    """All places in the order of the deployment."""

    def __init__(self, wrappers: Sequence[KeyWrapper]) -> None:
        """Raises KeyUnavailable if there is none."""
        if not wrappers:
            raise KeyUnavailable("No key for recordings is set (docs/deploy.md: Keys).")
        self._wrappers = tuple(wrappers)

    @property
    def first(self) -> KeyWrapper:
        """The one that wraps."""
        return self._wrappers[0]

    def holder(self, wrapped: bytes) -> KeyWrapper | None:
        """Who can unwrap it, None if nobody here can."""
        return next((each for each in self._wrappers if each.holds(wrapped)), None)

    def new_data_key(self, recording: UUID) -> tuple[DataKey, bytes]:
        """Return a fresh data key and its wrapped form, which is what the database keeps."""
        key = os.urandom(KEY_BYTES)
        return DataKey(key), self.first.wrap(key, recording)

    def unwrap(self, wrapped: bytes, recording: UUID) -> bytes:
        """Raises KeyUnavailable, Altered."""
        # Where nobody says that it is theirs the first says what is wrong with it.
        return (self.holder(wrapped) or self.first).unwrap(wrapped, recording)

    def open_data_key(self, wrapped: bytes, recording: UUID) -> DataKey:
        """Raises KeyUnavailable, Altered."""
        return DataKey(self.unwrap(wrapped, recording))

    def needs_rewrap(self, wrapped: bytes) -> bool:
        """Whether it is not under the key that wraps now."""
        return self.first.needs_rewrap(wrapped)

    def rewrap(self, wrapped: bytes, recording: UUID) -> bytes:
        """The same data key under the first key, tried before it is returned.

        Raises KeyUnavailable, Altered.
        """
        key = self.unwrap(wrapped, recording)
        anew = self.first.wrap(key, recording)
        if not hmac.compare_digest(self.first.unwrap(anew, recording), key):
            raise Altered("The key came back as another one.")
        return anew
