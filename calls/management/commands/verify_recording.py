"""`manage.py verify_recording`: is everything that was captured still there, as it was?"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from calls.archive.accounts import Account
from calls.archive.keys import recording_key
from calls.archive.ledger import ledgers
from calls.archive.manifest import check
from calls.archive.playback import check_artifact
from calls.archive.sources import NotAnArchive, verify_archive, verify_stored
from calls.archive.store import StorageAway
from calls.archive.vault import VaultError
from calls.archive.verify import Damage, Report, as_json
from calls.models import Artifact, Recording, Segment
from calls.states import RecordingState


class Command(BaseCommand):
    help = (
        "Read a recording's ledger, segments and files, and name what is altered, missing or "
        "swapped. An exported archive needs neither the database nor a key."
    )
    requires_system_checks: list[str] = []
    _segments = _files = 0

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("recording", type=UUID, nargs="?")
        what.add_argument("--archive", type=Path, help="an exported archive (ZIP)")
        what.add_argument("--all", action="store_true", help="every recording of this house")
        parser.add_argument("--json", action="store_true", help="tell it to a machine")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["archive"]:
            faults = self._tell(
                str(options["archive"].name), _archived(options["archive"]), options
            )
        else:
            rows = _wanted(options["recording"])
            faults = sum(
                self._tell(str(row.pk), _stored(row, goes_on=options["all"]), options)
                for row in rows
            )
            if options["all"] and not faults and not options["json"]:
                self.stdout.write(_("All %(count)d recordings are whole.") % {"count": len(rows)})
        if faults:
            raise CommandError(
                _("%(count)d faults in %(segments)d segments and %(files)d files.")
                % {"count": faults, "segments": self._segments, "files": self._files}
            )

    def _tell(self, name: str, report: Report, options: dict[str, Any]) -> int:
        """Print what was found; how many faults there are."""
        counts = {"segments": report.segments, "files": report.files}
        self._segments += report.segments
        self._files += report.files
        if options["json"]:
            self.stdout.write(json.dumps({"name": name, **as_json(report)}))
            return len(report.damage)
        if options["all"]:
            self.stdout.write(name)
        for account in report.accounts:
            self._tell_account(account)
        for each in report.damage:
            self.stdout.write(f"{each.name}: {each.why}")
        if not report.damage:
            self.stdout.write(
                _("All %(segments)d segments and %(files)d files are as they were recorded.")
                % counts
            )
        if report.head:
            self.stdout.write(
                _("The ledger has %(entries)d entries and ends with %(head)s.")
                % {"entries": report.entries, "head": report.head}
            )
        if report.sums:
            self.stdout.write(_("The list of sums has the sum %(sums)s.") % {"sums": report.sums})
        return len(report.damage)

    def _tell_account(self, account: Account) -> None:
        self.stdout.write(
            _("%(person)s: %(seconds).1f s captured")
            % {"person": account.participant, "seconds": account.captured_secs}
        )
        for gap in account.gaps:
            self.stdout.write(f"  {gap.start_secs:.1f} - {gap.end_secs:.1f} s: {gap.cause}")
        for label, kept in ((_("sound"), account.audio), (_("picture"), account.video)):
            for gap in kept.gaps:
                if gap not in account.gaps:
                    self.stdout.write(
                        f"  {label}: {gap.start_secs:.1f} - {gap.end_secs:.1f} s: {gap.cause}"
                    )


def _wanted(recording: UUID | None) -> list[Recording]:
    if recording is None:
        started = Recording.objects.filter(started_at__isnull=False)
        return list(started.exclude(state=RecordingState.ERASED).order_by("started_at"))
    row = Recording.objects.filter(pk=recording).first()
    if row is None:
        raise CommandError(_("There is no recording %(id)s.") % {"id": recording})
    return [row]


def _archived(path: Path) -> Report:
    try:
        return verify_archive(path)
    except NotAnArchive as exc:
        raise CommandError(str(exc)) from exc


def _stored(row: Recording, *, goes_on: bool) -> Report:
    """By the ledger's hashes, and by the key: each piece is opened in its own place.

    Of many, one whose key cannot be had is a fault like others.
    """
    try:
        report = verify_stored(row)
        damage = check(row, key=recording_key(row)) if row.wrapped_key else []
        files = Artifact.objects.filter(recording=row).select_related("recording")
        damage += [fault for file in files if (fault := check_artifact(file)) is not None]
    except VaultError as exc:
        if not goes_on:
            raise CommandError(str(exc)) from exc
        return Report(head="", entries=0, damage=[Damage(str(row.pk), str(exc))])
    except StorageAway as exc:
        raise CommandError(str(exc)) from exc
    named = {each.name for each in report.damage}
    report.damage += [each for each in damage if each.name not in named]
    report.segments = Segment.objects.filter(track__recording=row).count()
    report.files = len(files)
    if not report.accounts and not report.damage:
        report.accounts = ledgers(row)  # of its rows, where it is older than ledgers
    return report
