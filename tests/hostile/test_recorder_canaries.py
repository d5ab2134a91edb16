"""What people said, who they are, and the keys are found nowhere in the clear."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.canaries import Canaries, Watcher, disguises, overheard, watching
from tests.support.group import ServerGroup
from tests.support.registry import Registry, registry
from tests.support.servers import wait_for
from tests.support.speaker import MARK, Conversation

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
NAME = "Zylphine Quorvath-Brandeis"
CHAT = "the marmalade heron recites nineteen prescriptions"


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerGroup]:
    temporary = tmp_path_factory.mktemp("tmp")
    started = ServerGroup(TMPDIR=str(temporary), LOG_LEVEL="DEBUG")
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture
def archive(group: ServerGroup) -> Iterator[Registry]:
    with registry(group) as made:
        yield made


def test_it_writes_nothing_that_was_said_in_the_clear(
    group: ServerGroup, archive: Registry
) -> None:
    said = {"name": [NAME.encode()], "chat": [CHAT.encode()], "media": [MARK]}
    key_file = group.data_dir / "secrets" / "recording_keys"
    canaries = Canaries(said)
    folders = {
        name: group.data_dir / name
        for name in ("spool", "recordings", "media", "log", "run", "static")
    } | {"temporary": Path(group.env["TMPDIR"])}
    watcher = Watcher(canaries, folders, group.processes)
    with overheard(group.redis_url) as heard, watching(watcher):
        recording = asyncio.run(talk(group, archive))
        wait_for(
            lambda: archive.ask("mixed", recording=recording, form="mp4")["state"] == "ready",
            "everybody in one file",
            secs=120,
        )
        opened = archive.archive(recording)
        keys = {name: bytes.fromhex(text) for name, text in archive.ask(
            "keys", recording=recording).items()}  # fmt: skip
        for name, key in keys.items():
            canaries.add(f"{name} key", disguises(key))
        print(f"\n{watcher.files} states of files, {len(heard)} commands of Redis")
    # Once more, with what is known only now, and with what must be found.
    planted = folders["temporary"] / "planted"
    planted.write_bytes(b"before " + MARK + b" after")
    Watcher(canaries, folders, group.processes).look()
    canaries.look(group.output().encode(), "the group's output")
    for line in heard:
        canaries.look_encoded(line, "Redis")
    check_controls(group, key_file, keys["deployment"], opened["files"])
    check_database(group, keys)
    assert watcher.files > 20
    assert any(b"calls.finalize" in line for line in heard)
    assert canaries.seen == {("media", "temporary: planted")}


async def talk(group: ServerGroup, archive: Registry) -> str:
    visit = Conversation(group.ws_url, archive.visits(1, name=NAME)[0])
    try:
        await visit.begin()
        await visit.patient.call.command("chat", text=CHAT)
        await asyncio.sleep(12)
        await visit.end()
    finally:
        await visit.go()
    return str((await asyncio.to_thread(archive.when_over, visit.id))["id"])


def check_controls(
    group: ServerGroup, key_file: Path, key: bytes, files: list[dict[str, str]]
) -> None:
    """Who looks for the canaries finds them where they belong."""
    where = Canaries({"name": [NAME.encode()], "chat": [CHAT.encode()], "media": [MARK]})
    where.add("deployment key", disguises(key))
    for file in files:
        if file["kind"] == "media":
            where.look(Path(file["path"]).read_bytes(), "opened")
    where.look(key_file.read_bytes(), "secrets")
    where.look(database(group), "database")
    assert where.seen == {
        ("media", "opened"),
        ("deployment key", "secrets"),
        ("name", "database"),
        ("chat", "database"),
    }


def check_database(group: ServerGroup, keys: dict[str, bytes]) -> None:
    """A dump has names and chat; whoever has it still cannot open a recording."""
    inside = Canaries({"media": [MARK]})
    for name, key in keys.items():
        inside.add(f"{name} key", disguises(key))
    inside.look(database(group), "database")
    assert inside.seen == set()


def database(group: ServerGroup) -> bytes:
    """All of its files as they lie on the disk."""
    return b"".join(path.read_bytes() for path in group.data_dir.glob("parlour.sqlite3*"))
