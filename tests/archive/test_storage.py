"""The spool and the storage behind it: a folder, and a bucket on a real server."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from calls.archive import spool, store
from calls.models import Recording, Segment
from calls.states import RecordingState
from tests.archive.shelf import MARK, enlisted, folders, in_spool, recording_of, waiting, write
from tests.support.cast import Cast
from tests.support.cloud import Cloud
from tests.support.servers import wait_for

__all__ = ["folders"]


def test_it_moves_a_file_into_the_folder_without_copying_it(cast: Cast, tmp_path: Path) -> None:
    (name,) = enlisted(recording_of(cast.call))
    inode = store.spool_path(name).stat().st_ino
    assert spool.upload_pending() == 1
    moved = tmp_path / "recordings" / name
    assert moved.stat().st_ino == inode
    assert moved.stat().st_mode & 0o077 == 0
    assert list(store.list_names()) == [name]
    assert (waiting(), in_spool()) == (0, [])


def test_it_copies_where_the_disks_differ(cast: Cast, settings: Settings) -> None:
    settings.RECORDING_SPOOL = Path("/dev/shm") / f"parlour-{cast.call.pk}"
    (name,) = enlisted(recording_of(cast.call))
    content = store.read_bytes(name)
    assert spool.upload_pending() == 1
    assert store.read_bytes(name) == content
    assert list(store.list_names()) == [name]
    spool.tidy(older_than_secs=-1)
    settings.RECORDING_SPOOL.rmdir()


def test_it_leaves_what_has_no_row_yet(cast: Cast, bucket: str) -> None:
    (name,) = write(recording_of(cast.call))
    assert spool.upload_pending() == 0
    assert in_spool() == [name]


def test_it_uploads_to_the_bucket_and_reads_from_there(cast: Cast, bucket: str) -> None:
    names = enlisted(recording_of(cast.call), 3)
    contents = {name: store.read_bytes(name) for name in names}
    assert spool.upload_pending() == 3
    assert (waiting(), in_spool()) == (0, [])
    shutil.rmtree(store.spool_root())
    assert sorted(store.list_names()) == names
    assert {name: store.read_bytes(name) for name in names} == contents
    assert MARK not in b"".join(contents.values())


def test_it_reads_ranges_of_the_bucket(cloud: Cloud, bucket: str) -> None:
    content = bytes(range(256)) * 16 * 1024
    cloud.client("s3").put_object(Bucket=bucket, Key="a/large.media", Body=content)
    with store.open_binary("a/large.media") as file:
        file.seek(3_000_000)
        assert file.read(100) == content[3_000_000:3_000_100]
        assert file.tell() == 3_000_100
        # A mebibyte was fetched ahead: the rest of the file was not.
        cloud.client("s3").delete_object(Bucket=bucket, Key="a/large.media")
        assert file.read(100_000) == content[3_000_100:3_100_100]
        file.seek(0)
        with pytest.raises(FileNotFoundError):
            file.read(1)


@pytest.mark.parametrize("ask", [store.read_bytes, store.open_binary])
def test_it_says_what_is_not_there(ask: object, bucket: str) -> None:
    assert callable(ask)
    with pytest.raises(FileNotFoundError):
        ask("nowhere/000000.seg")
    assert not store.exists("nowhere/000000.seg")
    store.delete("nowhere/000000.seg")


def test_it_waits_for_a_storage_that_is_away(cast: Cast, cloud: Cloud, bucket: str) -> None:
    names = enlisted(recording_of(cast.call), 2)
    contents = [store.read_bytes(name) for name in names]
    cloud.stop()
    with pytest.raises(store.StorageAway):
        spool.upload_pending()
    assert [store.read_bytes(name) for name in names] == contents
    assert waiting() == 2
    with pytest.raises(store.StorageAway):
        store.read_bytes("elsewhere/000000.seg")
    cloud.start()
    assert spool.upload_pending() == 2
    assert [store.read_bytes(name) for name in names] == contents
    assert (waiting(), in_spool()) == (0, [])


def test_it_keeps_what_a_finaliser_will_read(cast: Cast, cloud: Cloud, bucket: str) -> None:
    (name,) = enlisted(recording_of(cast.call))
    content = store.read_bytes(name)
    spool.upload_pending()
    spool.forget_finished()
    cloud.stop()
    assert store.read_bytes(name) == content
    Recording.objects.update(state=RecordingState.READY)
    spool.forget_finished()
    with pytest.raises(store.StorageAway):
        store.read_bytes(name)


def test_it_keeps_nothing_on_a_disk_with_little_room(
    cast: Cast, bucket: str, settings: Settings
) -> None:
    settings.RECORDING_MIN_FREE_BYTES = 1 << 60
    (name,) = enlisted(recording_of(cast.call))
    spool.upload_pending()
    assert not store.kept_path(name).exists()
    assert store.exists(name)


def test_it_lets_one_bad_file_keep_no_other_back(
    cast: Cast, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, *others = enlisted(recording_of(cast.call), 3)
    put = store.put

    def refuse_one(name: str) -> None:
        if name == bad:
            raise store.StorageAway
        put(name)

    monkeypatch.setattr(store, "put", refuse_one)
    with pytest.raises(store.StorageAway):
        spool.upload_pending()
    assert sorted(store.list_names()) == others
    assert in_spool() == [bad]


def test_it_waits_only_for_another_machines_spool(cast: Cast, bucket: str) -> None:
    recording = recording_of(cast.call)
    first, second = enlisted(recording, 2)
    spool.require_stored(recording.pk)
    content = store.spool_path(second).read_bytes()
    store.spool_path(second).unlink()
    with pytest.raises(spool.NotYetStored):
        spool.require_stored(recording.pk)
    store.spool_path(second).write_bytes(content)
    assert spool.upload_pending(recording=recording.pk) == 2
    spool.require_stored(recording.pk)
    assert [store.exists(name) for name in (first, second)] == [True, True]


def test_it_waits_as_long_as_a_machine_says_that_it_is_there(
    cast: Cast, bucket: str, settings: Settings, tmp_path: Path
) -> None:
    recording = recording_of(cast.call)
    (name,) = enlisted(recording)
    Recording.objects.update(stopped_at=timezone.now() - 3 * spool.PATIENCE)
    Segment.objects.update(spooled_at=timezone.now() - 2 * spool.PATIENCE)
    spool.tell_spooled()
    settings.RECORDING_SPOOL = str(tmp_path / "of another machine")
    with pytest.raises(spool.NotYetStored, match=name):
        spool.require_stored(recording.pk)


def test_it_gives_up_waiting_a_day_after_the_last_word(cast: Cast, bucket: str) -> None:
    recording = recording_of(cast.call)
    (name,) = enlisted(recording)
    store.spool_path(name).unlink()
    spool.tell_spooled()
    with pytest.raises(spool.NotYetStored):
        spool.require_stored(recording.pk)
    Segment.objects.update(spooled_at=timezone.now() - spool.PATIENCE)
    spool.require_stored(recording.pk)


def test_it_refuses_a_spool_that_is_the_storage(cast: Cast, settings: Settings) -> None:
    (name,) = enlisted(recording_of(cast.call))
    folder = Path(settings.STORAGES[settings.RECORDING_STORAGE]["OPTIONS"]["location"])
    folder.symlink_to(settings.RECORDING_SPOOL)
    with pytest.raises(store.StorageAway):
        spool.upload_pending()
    assert store.exists(name)


def test_it_removes_folders_that_nothing_lies_in(cast: Cast) -> None:
    (kept,) = write(recording_of(cast.call))
    (store.spool_root() / "gone" / "track").mkdir(parents=True)
    spool.tidy(older_than_secs=3600)
    assert (store.spool_root() / "gone").exists()
    spool.tidy(older_than_secs=-1)
    assert not (store.spool_root() / "gone").exists()
    assert store.exists(kept)


def test_it_loads_no_cloud_for_a_folder() -> None:
    code = (
        "import django, sys; django.setup(); from calls.archive import keys, store;"
        "list(store.list_names()); sys.exit('boto3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.django_db(transaction=True)
def test_it_says_what_waits_while_the_storage_is_away(
    cast: Cast, cloud: Cloud, bucket: str
) -> None:
    enlisted(recording_of(cast.call))
    long_ago = timezone.now() - 2 * spool.PATIENCE
    Segment.objects.update(spooled_at=long_ago)
    cloud.stop()
    stop = threading.Event()
    thread = spool.start_uploader(stop)
    try:
        wait_for(lambda: Segment.objects.get().spooled_at > long_ago, "it is told")
    finally:
        stop.set()
        thread.join(20)
    assert Segment.objects.get().stored_at is None
