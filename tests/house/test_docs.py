"""What the documents point to exists, and what they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_it_links_to_what_exists(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_it_explains_every_setting() -> None:
    source = (ROOT / "platform" / "config" / "settings.py").read_text()
    asked = re.findall(r"""env\.\w+\(\s*"(\w+)"(?:,\s*"([A-Z_]{4,})")?""", source)
    read = {name for names in asked for name in names if name}
    page = (ROOT / "docs" / "deploy.md").read_text()
    explained = set(re.findall(r"`([A-Z][A-Z_]+)`", page))
    assert read - explained == set()
