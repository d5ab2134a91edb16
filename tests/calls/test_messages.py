"""The browser's types and the documents are what the protocol says."""

from pathlib import Path
from typing import get_args

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from calls import protocol
from calls.management import protocol_pages
from calls.management.commands import messages


def test_it_finds_no_drift() -> None:
    call_command("messages", "--check")


def test_it_fails_on_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_pages, "module", lambda: "something else")
    with pytest.raises(CommandError, match=r"static/js/call/messages\.js"):
        call_command("messages", "--check")


def test_it_keeps_what_stands_above_the_mark() -> None:
    page = Path(settings.BASE_DIR) / "docs/protocol.md"
    assert messages.wanted(settings.BASE_DIR)[page].startswith("# The signaling protocol")


def test_it_declares_every_message_type() -> None:
    text = protocol_pages.module()
    for cls in get_args(protocol.ClientMessage):
        assert f"@typedef {{object}} {cls.__name__}\n" in text


def test_it_says_what_every_fact_carries() -> None:
    assert {kind for kind, _, _ in protocol_pages.fact_data()} == {*protocol.FactKind}
