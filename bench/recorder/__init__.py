"""Recording beside its rivals: what a stream costs, what is lost, what is held.

Each contender's processes have one core and the sender the other; all of one part run in turn in
each of its rounds. `python -m bench.recorder PART…` runs some parts.
"""

import os
from collections.abc import Sequence

import django

from bench.report import Row

# The archive knows Django's models; nothing here asks a database.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SECRET_KEY", "unused")
os.environ.setdefault("RECORDING_KEYS", "")
django.setup()


def run(names: Sequence[str] = ()) -> list[Row]:
    """All parts, or some."""
    from bench.recorder import parts

    return parts.run(names)
