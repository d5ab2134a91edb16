"""The files of a recording: decrypted while sent, by ranges, to the right people only."""

from typing import Any, NoReturn
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import AsyncClient
from django.test.client import Client
from django.urls import reverse

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.archive import store
from calls.archive.store import spool_root
from calls.models import Artifact, Recording
from calls.services import media_links
from calls.views.recordings import media_address
from tests.recordings.story import recorded_visit, webm
from tests.support.cast import Cast, make_cast, person


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def recording(cast: Cast) -> Recording:
    return recorded_visit(cast.call)


@pytest.fixture
def artifact(recording: Recording) -> Artifact:
    return recording.artifacts.get(participant__role="patient")


def signed_in(user: User) -> AsyncClient:
    sync, client = Client(), AsyncClient()
    sync.force_login(user)
    client.cookies = sync.cookies
    return client


def link(client: AsyncClient, artifact: Artifact) -> str:
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return media_address(artifact.recording_id, artifact.pk, key)


async def body(response: object) -> bytes:
    return b"".join([part async for part in response.streaming_content])  # type: ignore[attr-defined]


@pytest.fixture
def mei(cast: Cast) -> AsyncClient:
    return signed_in(cast.mei)


async def test_it_sends_the_whole_file_decrypted(mei: AsyncClient, artifact: Artifact) -> None:
    response = await mei.get(link(mei, artifact))
    assert response.status_code == 200
    assert await body(response) == webm()
    assert response["Content-Type"] == "video/webm"
    assert response["Content-Length"] == str(len(webm()))
    assert response["Accept-Ranges"] == "bytes"
    assert response["Cache-Control"] == "private, no-store"
    assert response["ETag"] == f'"{artifact.sha256[:32]}"'


def test_it_keeps_only_ciphertext_on_the_disk(artifact: Artifact) -> None:
    stored = (spool_root() / artifact.name).read_bytes()
    assert webm()[:64] not in stored
    assert b"webm" not in stored


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=70000-140000", 70000, 140001),
        ("bytes=100-", 100, None),
        ("bytes=-500", -500, None),
        ("bytes=5-99999999999", 5, None),
    ],
)
async def test_it_sends_a_range(
    mei: AsyncClient, artifact: Artifact, wanted: str, start: int, stop: int | None
) -> None:
    response = await mei.get(link(mei, artifact), headers={"Range": wanted})
    expected = webm()[start:stop]
    first = start % len(webm())
    assert response.status_code == 206
    assert await body(response) == expected
    assert response["Content-Length"] == str(len(expected))
    assert response["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(webm())}"


@pytest.mark.parametrize("wanted", ["bytes=99999999999-", "bytes=-0"])
async def test_it_refuses_a_range_behind_the_end(
    mei: AsyncClient, artifact: Artifact, wanted: str
) -> None:
    response = await mei.get(link(mei, artifact), headers={"Range": wanted})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(webm())}"


@pytest.mark.parametrize(
    "wanted", ["bytes=9-5", "bytes=-", "lines=1-2", "bytes=0-1,5-6", "bytes=" + "9" * 5000 + "-"]
)
async def test_it_ignores_a_range_that_it_cannot_read(
    mei: AsyncClient, artifact: Artifact, wanted: str
) -> None:
    response = await mei.get(link(mei, artifact), headers={"Range": wanted})
    assert response.status_code == 200
    assert len(await body(response)) == len(webm())


async def test_it_sends_everything_when_the_file_changed_meanwhile(
    mei: AsyncClient, artifact: Artifact
) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"another"'}
    response = await mei.get(link(mei, artifact), headers=headers)
    assert response.status_code == 200
    await body(response)


async def test_it_tells_head_what_it_would_send(mei: AsyncClient, artifact: Artifact) -> None:
    response = await mei.head(link(mei, artifact), headers={"Range": "bytes=0-99"})
    assert response.status_code == 206
    assert response["Content-Length"] == "100"
    assert response.content == b""


async def test_it_refuses_an_altered_link(mei: AsyncClient, artifact: Artifact) -> None:
    address = link(mei, artifact)
    assert (await mei.get(address[:-2] + "xx")).status_code == 403
    assert (await mei.get(address.replace("until=1", "until=2"))).status_code == 403
    assert (await mei.get(address.replace("until=", f"until={'9' * 5000}"))).status_code == 403
    assert (await mei.get(urlsplit(address).path)).status_code == 403


async def test_it_refuses_a_link_for_another_file(
    mei: AsyncClient, recording: Recording, artifact: Artifact
) -> None:
    other = await recording.artifacts.aget(participant__role="agent")
    address = link(mei, artifact).replace(f"/media/{artifact.pk}/", f"/media/{other.pk}/")
    assert (await mei.get(address)).status_code == 403


async def test_it_refuses_an_expired_link(
    mei: AsyncClient, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_links, "LIFE_SECS", -1)
    assert (await mei.get(link(mei, artifact))).status_code == 403


def test_it_refuses_a_link_of_another_session_and_audits_it(cast: Cast, artifact: Artifact) -> None:
    address = link(signed_in(cast.ada), artifact)
    thief = Client()
    thief.force_login(cast.mei)
    assert thief.get(address).status_code == 403
    entry = AuditEntry.objects.get(action="recording.play", allowed=False)
    assert (entry.actor, entry.target) == (str(cast.mei.pk), str(artifact.pk))


def test_it_tells_a_visitor_nothing(cast: Cast, artifact: Artifact) -> None:
    address = link(signed_in(cast.mei), artifact)
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("name", ["sam", "tomas"])
def test_it_hides_the_file_from_people_of_other_visits(
    cast: Cast, artifact: Artifact, name: str
) -> None:
    client = Client()
    client.force_login(getattr(cast, name))
    key = client.session.session_key
    assert client.get(media_address(artifact.recording_id, artifact.pk, key)).status_code == 404
    assert AuditEntry.objects.filter(action="recording.play", allowed=False).count() == 1


def test_it_does_not_know_a_file_of_another_recording(cast: Cast, recording: Recording) -> None:
    client = Client()
    client.force_login(cast.mei)
    stray: UUID = uuid4()
    address = media_address(recording.pk, stray, client.session.session_key)
    assert client.get(address).status_code == 404


def test_it_plays_to_a_supervisor_once_they_said_what_for(cast: Cast, artifact: Artifact) -> None:
    client = Client()
    client.force_login(person("ines@example.com", "Ines Falk", Role.SUPERVISOR))
    key = client.session.session_key
    address = media_address(artifact.recording_id, artifact.pk, key)
    assert client.get(address).status_code == 403
    said = client.post(
        reverse("recording_purpose", args=(artifact.recording_id,)), {"purpose": " A complaint \n"}
    )
    assert said.status_code == 302
    assert client.get(address).status_code == 200
    entry = AuditEntry.objects.get(action="recording.play", allowed=True)
    assert entry.data["purpose"] == "A complaint"


async def test_it_audits_the_first_use_of_a_link_once(
    mei: AsyncClient, artifact: Artifact, cast: Cast
) -> None:
    address = link(mei, artifact)
    for start in (0, 1000, 2000):
        await body(await mei.get(address, headers={"Range": f"bytes={start}-"}))
    entry = await AuditEntry.objects.aget(action="recording.play")
    assert (entry.actor, entry.target) == (str(cast.mei.pk), str(artifact.pk))
    assert entry.allowed


def test_it_answers_404_when_the_file_is_gone_or_altered(cast: Cast, artifact: Artifact) -> None:
    client = Client()
    client.force_login(cast.mei)
    address = media_address(artifact.recording_id, artifact.pk, client.session.session_key)
    path = spool_root() / artifact.name
    path.write_bytes(b"not ours" * 20)
    assert client.get(address).status_code == 404
    path.unlink()
    assert client.get(address).status_code == 404


def test_it_says_that_the_key_is_away(cast: Cast, artifact: Artifact, settings: Any) -> None:
    client = Client()
    client.force_login(cast.mei)
    settings.RECORDING_KEYS = []
    address = media_address(artifact.recording_id, artifact.pk, client.session.session_key)
    response = client.get(address)
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert b"Nothing is lost" in response.content


def test_it_says_that_the_storage_is_away(
    cast: Cast, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> NoReturn:
        raise store.StorageAway(name)

    client = Client()
    client.force_login(cast.mei)
    monkeypatch.setattr(store, "open_binary", refuse)
    address = media_address(artifact.recording_id, artifact.pk, client.session.session_key)
    assert client.get(address).status_code == 503


def test_it_refuses_to_be_posted_to(cast: Cast, artifact: Artifact) -> None:
    client = Client()
    client.force_login(cast.mei)
    assert (
        client.post(
            reverse("recording_media", args=(artifact.recording_id, artifact.pk))
        ).status_code
        == 405
    )
