"""Empty databases for a benchmark, on SQLite and on a private PostgreSQL, gone afterwards."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgres import PostgresCluster

KINDS = ("SQLite", "PostgreSQL")


@contextmanager
def databases() -> Iterator[Callable[[str, str], str]]:
    """Makes a database of a kind, with a name, and gives its address."""
    folder, cluster = Path(tempfile.mkdtemp(prefix="parlour-bench-")), PostgresCluster()
    cluster.start()

    def make(kind: str, name: str) -> str:
        if kind == "SQLite":
            return f"sqlite:///{folder / f'{name}.sqlite3'}"
        cluster.make_database(name)
        return cluster.url.replace("/postgres", f"/{name}")

    try:
        yield make
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
