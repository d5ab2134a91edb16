"""Many threads that start together, each with its own connection to the database."""

import threading
from collections import Counter
from collections.abc import Callable

from django.db import connection


def at_once(attempts: list[Callable[[], object]]) -> Counter[str]:
    """How often each kind of answer came when all `attempts` start together, each in a thread."""
    start = threading.Barrier(len(attempts))
    answers: list[str] = []

    def run(attempt: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            answers.append(type(attempt()).__name__)
        except Exception as error:
            answers.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[attempt]) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=90)
    return Counter(answers)
