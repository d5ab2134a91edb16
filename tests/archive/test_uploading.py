"""From the spool to the storage by many at once, and by processes that die of it."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from calls.archive import spool, store
from calls.models import Segment
from tests.archive.shelf import enlisted, folders, in_spool, recording_of, waiting
from tests.support.cast import Cast
from tests.support.servers import wait_for

__all__ = ["folders"]


def test_it_goes_on_after_a_kill_between_upload_and_row(cast: Cast, bucket: str) -> None:
    (name,) = enlisted(recording_of(cast.call))
    store.put(name)
    assert (waiting(), in_spool()) == (1, [name])
    assert spool.upload_pending() == 1
    assert (waiting(), in_spool()) == (0, [])
    assert list(store.list_names()) == [name]


def test_it_goes_on_after_a_kill_between_row_and_spool(cast: Cast, tmp_path: Path) -> None:
    (name,) = enlisted(recording_of(cast.call))
    store.put(name)
    Segment.objects.update(stored_at="2026-01-01T00:00:00Z")
    content = store.read_bytes(name)
    spool.upload_pending()
    assert in_spool() == []
    assert store.read_bytes(name) == content


@pytest.mark.django_db(transaction=True)
def test_it_uploads_once_when_five_do_it_at_once(cast: Cast, bucket: str) -> None:
    names = enlisted(recording_of(cast.call), 8)

    def upload(_: int) -> int:
        try:
            return spool.upload_pending()
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(upload, range(5))) == 8
    assert sorted(store.list_names()) == names
    assert (waiting(), in_spool()) == (0, [])


def test_it_puts_the_same_five_times_under_one_name(cast: Cast, bucket: str) -> None:
    (name,) = enlisted(recording_of(cast.call))
    for _ in range(5):
        store.put(name)
    assert list(store.list_names()) == [name]


def test_it_leaves_nothing_of_what_is_deleted_meanwhile(
    cast: Cast, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = enlisted(recording_of(cast.call))
    put = store.put

    def put_while_deleted(name: str) -> None:
        put(name)
        store.spool_path(name).unlink()

    monkeypatch.setattr(store, "put", put_while_deleted)
    assert spool.upload_pending() == 0
    assert not store.exists(name)


@pytest.mark.django_db(transaction=True)
def test_it_uploads_by_itself_while_its_worker_forks(cast: Cast, settings: Settings) -> None:
    stop = threading.Event()
    thread = spool.start_uploader(stop)
    try:
        names = enlisted(recording_of(cast.call), 3)
        for _ in range(20):
            child = os.fork()
            if child == 0:
                with spool._no_fork():
                    os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
        wait_for(lambda: waiting() == 0, "everything is in the storage")
        assert list(store.list_names()) == names
    finally:
        stop.set()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_after_a_process_was_killed_while_it_uploaded(
    cast: Cast, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = enlisted(recording_of(cast.call), 4)
    put, done = store.put, list[str]()

    def put_and_die(name: str) -> None:
        put(name)
        done.append(name)
        if len(done) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    connection.close()
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(store, "put", put_and_die)
        with suppress(BaseException):
            spool.upload_pending()
        os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert (waiting(), in_spool()) == (3, names[1:])
    assert spool.upload_pending() == 3
    assert sorted(store.list_names()) == names
    assert (waiting(), in_spool()) == (0, [])


def test_it_uploads_no_rest_of_a_cut_that_another_finaliser_wrote(cast: Cast, bucket: str) -> None:
    (name,) = enlisted(recording_of(cast.call))
    cut = name.replace(".seg", "-1.seg")
    store.spool_path(name).rename(store.spool_path(cut))
    Segment.objects.update(name=cut)
    mine = store.spool_path(cut).read_bytes()
    store.spool_path(cut).write_bytes(b"sealed by one that was killed")
    assert spool.upload_pending() == 0
    assert (waiting(), in_spool()) == (1, [])
    store.spool_path(cut).write_bytes(mine)
    assert spool.upload_pending() == 1
