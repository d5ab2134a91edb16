"""What machines ask."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


def test_it_is_alive_without_anything_else(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert client.get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_database_and_redis_answer(client: Client, fresh_redis: str) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "database": "ok", "redis": "ok"}


def test_it_is_not_ready_without_redis(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "database": "ok", "redis": "no answer"}


def test_it_is_not_ready_without_the_database(
    client: Client, fresh_redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "no answer"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_answers_to_reading_only(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
