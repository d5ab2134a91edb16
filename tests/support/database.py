"""Emptying PostgreSQL between tests: quickly, and while a web process may still be writing."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.postgresql.operations import DatabaseOperations

Flush = Callable[[DatabaseOperations, Sequence[str]], None]
TRIES = 5
# The same after each flush, and made again row by row if it were gone.
LASTING = {"django_content_type", "auth_permission"}


@pytest.fixture(autouse=True, scope="session")
def quick_flush() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", delete_all)
        patch.setattr(
            DatabaseOperations,
            "execute_sql_flush",
            despite_deadlocks(DatabaseOperations.execute_sql_flush),
        )
        yield


def delete_all(
    operations: DatabaseOperations, style: object, tables: Sequence[str], **_options: Any
) -> list[str]:
    """What empties the tables without the new file for each that TRUNCATE makes.

    Like TRUNCATE it waits for whoever is still writing; keys and triggers stay out of it.
    """
    names = [operations.quote_name(name) for name in sorted(set(tables) - LASTING)]
    return [
        f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE",
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {name}" for name in names),
    ]


def despite_deadlocks(flush: Flush) -> Flush:
    """`flush`, tried again where a process that notes the end of its sockets stood in the way."""

    def tried(operations: DatabaseOperations, statements: Sequence[str]) -> None:
        for left in reversed(range(TRIES)):
            try:
                flush(operations, statements)
                break
            except OperationalError as error:
                if not left or "deadlock" not in str(error):
                    raise

    return tried
