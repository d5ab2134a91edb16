"""Emptying the database between tests while a web process of the same test still writes to it."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError
from django.db.backends.base.operations import BaseDatabaseOperations

FLUSHES = 5


@pytest.fixture(autouse=True, scope="session")
def patient_flush() -> Iterator[None]:
    """Try again a flush that PostgreSQL gave up because of a deadlock.

    TRUNCATE takes its locks table after table; a process that is just writing down that the sockets
    of the test have gone takes them in another order.
    """
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_again(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        for left in reversed(range(FLUSHES)):
            try:
                flush(operations, statements)
            except OperationalError as error:
                if not left or "deadlock" not in str(error):
                    raise
            else:
                return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_again)
        yield
