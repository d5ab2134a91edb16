"""When the router runs: after each change that may match somebody, once for many of them.

A web process that has pages of the desk open runs its rounds beside its sockets
(calls/consumers/desk_watch.py); every other process runs them at once. Whatever goes wrong, the
next sweep routes again.
"""

from django.db import transaction

from calls import signaling
from calls.services.desk import routing


def request() -> None:
    """Route and tell the desks, once the transaction that is open has been committed."""
    transaction.on_commit(_run, robust=True)


def _run() -> None:
    if not signaling.stir_desk():
        routing.run()
        signaling.wake_desk()
