"""Before the group starts: database, demo data, static files. Runs as its own process."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from config.devgroup import DEMO_TEXT
from config.staticfiles import PortalStaticFiles


def main() -> None:
    django.setup()
    print("    database", flush=True)  # noqa: T201
    call_command("migrate", interactive=False, verbosity=0)
    if settings.DEMO:
        print("    demo data", flush=True)  # noqa: T201
        with (Path(settings.DATA_DIR) / DEMO_TEXT).open("w") as file:
            call_command("demo", stdout=file)
    _collect_static()


def _collect_static() -> None:
    """Collect the static files unless the stamp says that none has changed since the last time."""
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    digest = hashlib.sha256("\n".join(_static_listing()).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    print("    static files", flush=True)  # noqa: T201
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


def _static_listing() -> Iterator[str]:
    for finder in get_finders():
        for name, storage in finder.list(PortalStaticFiles.ignore_patterns):
            about = Path(storage.path(name)).stat()
            yield f"{name} {about.st_size} {about.st_mtime_ns}"


if __name__ == "__main__":
    main()
