"""Signaling beside its rivals: set-ups, joins, relays, and what is lost on the way.

Each server has one core to itself (taskset) and the load the other; all of one part run in turn in
each of three rounds, started anew each time. `python -m bench.signaling PART…` runs some parts.
"""

from bench.signaling.parts import run

__all__ = ["run"]
