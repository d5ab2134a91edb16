"""Keys that wrap keys, and seals that name what they seal."""

from uuid import UUID

import pytest

from calls.archive.vault import (
    Altered,
    KeyUnavailable,
    Vault,
    artifact_context,
    segment_context,
)

OLD, NEW = b"o" * 32, b"n" * 32
RECORDING = UUID("11111111-1111-4111-8111-111111111111")
OTHER = UUID("22222222-2222-4222-8222-222222222222")


def test_it_opens_what_it_sealed() -> None:
    key, wrapped = Vault([NEW]).new_data_key(RECORDING)
    sealed = key.seal(b"a word", context=b"here")
    again = Vault([NEW]).open_data_key(wrapped, RECORDING)
    assert again.open(sealed, context=b"here") == b"a word"
    assert b"a word" not in sealed


def test_it_never_seals_twice_alike() -> None:
    key, _ = Vault([NEW]).new_data_key(RECORDING)
    assert key.seal(b"a word", context=b"") != key.seal(b"a word", context=b"")


@pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
def test_it_notices_a_flipped_bit(place: int) -> None:
    key, _ = Vault([NEW]).new_data_key(RECORDING)
    sealed = bytearray(key.seal(b"a word", context=b"here"))
    sealed[place] ^= 1
    with pytest.raises(Altered):
        key.open(bytes(sealed), context=b"here")


def test_it_refuses_a_seal_under_another_name() -> None:
    key, _ = Vault([NEW]).new_data_key(RECORDING)
    place = {"recording": RECORDING, "participant": OTHER, "track": OTHER}
    sealed = key.seal(b"a word", context=segment_context(**place, index=1))
    with pytest.raises(Altered):
        key.open(sealed, context=segment_context(**place, index=2))
    with pytest.raises(Altered):
        key.open(
            sealed, context=artifact_context(recording=RECORDING, participant=OTHER, kind="media")
        )


def test_it_refuses_a_wrapped_key_of_another_recording() -> None:
    _, wrapped = Vault([NEW]).new_data_key(RECORDING)
    with pytest.raises(Altered):
        Vault([NEW]).open_data_key(wrapped, OTHER)


def test_it_reads_under_every_key_and_wraps_with_the_first() -> None:
    key, wrapped = Vault([OLD]).new_data_key(RECORDING)
    sealed = key.seal(b"a word", context=b"")
    vault = Vault([NEW, OLD])
    assert vault.open_data_key(wrapped, RECORDING).open(sealed, context=b"") == b"a word"
    assert vault.needs_rewrap(wrapped)
    rewrapped = vault.rewrap(wrapped, RECORDING)
    assert not vault.needs_rewrap(rewrapped)
    assert Vault([NEW]).open_data_key(rewrapped, RECORDING).open(sealed, context=b"") == b"a word"


def test_it_does_nothing_without_a_key() -> None:
    with pytest.raises(KeyUnavailable, match="RECORDING_KEYS is empty"):
        Vault([])
    with pytest.raises(KeyUnavailable, match="key 2 must be 32 bytes"):
        Vault([NEW, b"short"])


def test_it_says_that_the_wrapping_key_is_gone() -> None:
    _, wrapped = Vault([OLD]).new_data_key(RECORDING)
    with pytest.raises(KeyUnavailable):
        Vault([NEW]).open_data_key(wrapped, RECORDING)
