"""`manage.py reconcile_recordings [--delete] [--json]`: do rows and files agree?"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from calls.archive.reconcile import Outcome
from calls.archive.reconciliations import AnotherRuns, run
from calls.archive.store import StorageAway
from calls.tasks import AGAIN


class Command(BaseCommand):
    help = "Compare the rows of the archive with its files; name what is missing and what is over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--delete",
            action="store_true",
            help="delete files that no row names and that may go (docs/privacy.md)",
        )
        parser.add_argument("--json", action="store_true", help="print everything as JSON")

    def handle(self, *args: Any, delete: bool, json: bool, **options: Any) -> None:
        try:
            outcome = run(AGAIN, delete=delete)
        except (AnotherRuns, StorageAway) as exc:
            raise CommandError(str(exc)) from exc
        self._print_json(outcome) if json else self._print(outcome)
        if outcome.counts["missing"]:
            raise CommandError(
                _("%(count)d files are missing.") % {"count": outcome.counts["missing"]}
            )

    def _print_json(self, outcome: Outcome) -> None:
        self.stdout.write(json.dumps(outcome.as_json(), indent=1, sort_keys=True))

    def _print(self, outcome: Outcome) -> None:
        for it in outcome.findings:
            marks = [mark for mark in ("held", "deleted") if getattr(it, mark)]
            self.stdout.write(" ".join([it.kind, it.name or it.recording, *marks]))
        self.stdout.write(
            _("%(files)d files and %(rows)d rows compared, %(deleted)d files deleted.")
            % {name: outcome.counts[name] for name in ("files", "rows", "deleted")}
        )
