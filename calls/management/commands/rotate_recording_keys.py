"""`manage.py rotate_recording_keys`: every recording's key under the first deployment key."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from calls.archive import rotation
from calls.archive.vault import VaultError


class Command(BaseCommand):
    help = "Wrap every recording's key anew under the first deployment key; may be repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Only tell how many are still under which old key."
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        try:
            self._check() if check else self._rotate()
        except VaultError as exc:
            raise CommandError(str(exc)) from exc

    def _rotate(self) -> None:
        done = rotation.rotate()
        self.stdout.write(
            _("%(rewrapped)d keys wrapped anew, %(already)d were already under the first key.")
            % {"rewrapped": done.rewrapped, "already": done.already}
        )
        for recording in done.failed:
            self.stderr.write(f"{recording}")
        if done.failed:
            raise CommandError(
                _("%(count)d keys are damaged, or under a key that is not deployed.")
                % {"count": len(done.failed)}
            )

    def _check(self) -> None:
        found = rotation.standing()
        for place, count in sorted(found.old.items()):
            self.stdout.write(
                _("%(count)d under an old key (%(place)s)") % {"count": count, "place": place}
            )
        if found.unknown:
            self.stdout.write(
                _("%(count)d under a key that is not deployed") % {"count": found.unknown}
            )
        self.stdout.write(_("%(count)d under the first key") % {"count": found.current})
        if found.old or found.unknown:
            raise CommandError(_("Old keys are still needed."))
