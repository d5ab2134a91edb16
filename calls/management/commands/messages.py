"""`manage.py messages`: write the browser's message types and the protocol's documents."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.management import protocol_pages

BEGIN = "<!-- generated: manage.py messages -->"


class Command(BaseCommand):
    help = (
        "Write messages.js, docs/protocol.md and docs/states.md from the protocol and the states."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail on drift")

    def handle(self, *args: Any, **options: Any) -> None:
        drifted = []
        for path, text in wanted(settings.BASE_DIR).items():
            if path.exists() and path.read_text() == text:
                continue
            drifted.append(str(path.relative_to(settings.BASE_DIR)))
            if not options["check"]:
                path.write_text(text)
        if drifted and options["check"]:
            raise CommandError(f"Run `manage.py messages`: {', '.join(drifted)} drifted.")
        for name in drifted:
            self.stdout.write(f"wrote {name}")


def wanted(base: Path) -> dict[Path, str]:
    """What each written file should hold; what stands above the mark in a page is kept."""
    return {
        base / "static/js/call/messages.js": protocol_pages.module(),
        base / "static/js/desk/messages.js": protocol_pages.desk_module(),
        base / "docs/protocol.md": _below_mark(base / "docs/protocol.md", protocol_pages.tables()),
        base / "docs/states.md": _below_mark(base / "docs/states.md", protocol_pages.diagrams()),
    }


def _below_mark(page: Path, generated: str) -> str:
    written = page.read_text().partition(BEGIN)[0] if page.exists() else ""
    return f"{written}{BEGIN}\n\n{generated}"
