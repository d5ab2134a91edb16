"""A file object like any other, and nothing but ciphertext on the disk."""

import io
import os
import random
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.archive.sealedfile import SealedFile, stream
from calls.archive.vault import Altered, DataKey, Vault

RECORDING = UUID("11111111-1111-4111-8111-111111111111")
CHUNK = 256


@pytest.fixture
def key() -> DataKey:
    return Vault([b"k" * 32]).new_data_key(RECORDING)[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def write(path: Path, key: DataKey, data: bytes) -> None:
    with SealedFile.create(path, key, context=b"c", chunk_bytes=CHUNK) as file:
        file.write(data)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 10 * CHUNK + 17])
def test_it_reads_back_what_was_written(path: Path, key: DataKey, size: int) -> None:
    data = random.Random(size).randbytes(size)
    write(path, key, data)
    with SealedFile.open(path, key, context=b"c") as file:
        assert (file.size_bytes, file.read()) == (size, data)
    assert path.stat().st_mode & 0o777 == 0o600


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=700)), max_size=12))
def test_it_writes_anywhere_like_a_plain_file(steps: list[tuple[int, bytes]]) -> None:
    key = Vault([b"k" * 32]).new_data_key(RECORDING)[0]
    path = Path(f"/tmp/parlour-sealed-{os.getpid()}")
    plain = io.BytesIO()
    try:
        with SealedFile.create(path, key, context=b"c", chunk_bytes=CHUNK) as file:
            for offset, data in steps:
                for target in (plain, file):
                    target.seek(offset)
                    target.write(data)
        with SealedFile.open(path, key, context=b"c") as file:
            assert file.read() == plain.getvalue()
    finally:
        path.unlink(missing_ok=True)


def test_it_reads_only_the_chunks_of_a_range(
    path: Path, key: DataKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = random.Random(1).randbytes(40 * CHUNK)
    write(path, key, data)
    file = SealedFile.open(path, key, context=b"c")
    opened: list[bytes] = []
    unseal = key.open

    def note(sealed: bytes, *, context: bytes) -> bytes:
        opened.append(context)
        return unseal(sealed, context=context)

    monkeypatch.setattr(key, "open", note)
    part = b"".join(stream(file, start=5 * CHUNK + 3, stop=7 * CHUNK + 1))
    assert part == data[5 * CHUNK + 3 : 7 * CHUNK + 1]
    assert opened == [b"c|chunk|5", b"c|chunk|6", b"c|chunk|7"]
    assert file.closed


def test_it_ends_where_a_file_is_shorter_than_was_said(path: Path, key: DataKey) -> None:
    write(path, key, b"short")
    with pytest.raises(Altered):
        list(stream(SealedFile.open(path, key, context=b"c"), start=0, stop=100))


def test_it_leaves_nothing_readable_on_the_disk(path: Path, key: DataKey) -> None:
    write(path, key, b"a word that is said " * 500)
    assert b"a word" not in path.read_bytes()


def test_it_notices_swapped_chunks_and_a_cut_end(path: Path, key: DataKey) -> None:
    write(path, key, random.Random(1).randbytes(4 * CHUNK))
    whole = path.read_bytes()
    sealed = CHUNK + 28
    head = len(whole) - 4 * sealed
    first, second = whole[head : head + sealed], whole[head + sealed : head + 2 * sealed]
    for damaged in (
        whole[:head] + second + first + whole[head + 2 * sealed :],
        whole[:-1],
        whole[: head + sealed],
    ):
        path.write_bytes(damaged)
        with pytest.raises(Altered), SealedFile.open(path, key, context=b"c") as file:
            file.read()


def test_it_refuses_a_file_under_another_name_or_key(path: Path, key: DataKey) -> None:
    write(path, key, b"data")
    with pytest.raises(Altered):
        SealedFile.open(path, key, context=b"another")
    other = Vault([b"k" * 32]).new_data_key(RECORDING)[0]
    with pytest.raises(Altered):
        SealedFile.open(path, other, context=b"c")


def test_it_never_finishes_a_file_whose_writer_failed(path: Path, key: DataKey) -> None:
    def fail() -> None:
        with SealedFile.create(path, key, context=b"c", chunk_bytes=CHUNK) as file:
            file.write(b"x" * 1000)
            raise RuntimeError("the muxer failed")

    with pytest.raises(RuntimeError):
        fail()
    with pytest.raises(Altered):
        SealedFile.open(path, key, context=b"c")


def test_it_does_not_write_what_is_open_to_read(path: Path, key: DataKey) -> None:
    write(path, key, b"data")
    with SealedFile.open(path, key, context=b"c") as file, pytest.raises(io.UnsupportedOperation):
        file.write(b"more")
