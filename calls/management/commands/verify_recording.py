"""`manage.py verify_recording ID`: is everything that was captured still there, as it was?"""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from calls.archive.accounts import Account
from calls.archive.keys import recording_key
from calls.archive.ledger import ledgers
from calls.archive.manifest import check
from calls.archive.playback import check_artifact
from calls.archive.vault import VaultError
from calls.models import Artifact, Recording, Segment


class Command(BaseCommand):
    help = "Read a recording's segments and files, and name what is altered, missing or swapped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("recording", type=UUID)

    def handle(self, *args: Any, recording: UUID, **options: Any) -> None:
        row = Recording.objects.filter(pk=recording).first()
        if row is None:
            raise CommandError(_("There is no recording %(id)s.") % {"id": recording})
        try:
            damage = check(row, key=recording_key(row))
        except VaultError as exc:
            raise CommandError(str(exc)) from exc
        files = Artifact.objects.filter(recording=row).select_related("recording")
        damage += [fault for file in files if (fault := check_artifact(file)) is not None]
        for account in ledgers(row):
            self._tell(account)
        for each in damage:
            self.stdout.write(f"{each.name}: {each.why}")
        segments = Segment.objects.filter(track__recording=row).count()
        if damage:
            raise CommandError(
                _("%(count)d faults in %(segments)d segments and %(files)d files.")
                % {"count": len(damage), "segments": segments, "files": len(files)}
            )
        self.stdout.write(
            _("All %(segments)d segments and %(files)d files are as they were recorded.")
            % {"segments": segments, "files": len(files)}
        )

    def _tell(self, account: Account) -> None:
        self.stdout.write(
            _("%(person)s: %(seconds).1f s captured")
            % {"person": account.participant, "seconds": account.captured_secs}
        )
        for gap in account.gaps:
            self.stdout.write(f"  {gap.start_secs:.1f} - {gap.end_secs:.1f} s: {gap.cause}")
