"""Visitors in front of `/talk/<queue>/`, and what its page holds."""

from typing import Any

from django.test import Client

from calls.models import Queue

SAID = {"kind": "live", "name": "Mei Lin", "media": "video", "language": "en"}


def come(queue: Queue, client: Client | None = None, **said: str) -> Any:
    """The answer to the form of somebody who wants to talk now, unless `said` is something else."""
    return (client or Client()).post(f"/talk/{queue.slug}/", {**SAID, **said})


def fields(answer: Any, form: str = "talk_form") -> dict[str, Any]:
    """What the fields of the form on the page hold."""
    return {field.name: field.value() for field in answer.context[form]}
