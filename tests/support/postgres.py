"""A private PostgreSQL cluster on a Unix socket, run by an unprivileged user, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.servers import program

SETTINGS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=200"
)


class PostgresCluster:
    """`start()` makes and starts the cluster, `url` says where it is, `stop()` removes it."""

    def __init__(self) -> None:
        folders = tuple(str(path) for path in Path("/usr/lib/postgresql").glob("*/bin"))
        self._initdb = program("initdb", folders=folders)
        self._pg_ctl = program("pg_ctl", folders=folders)
        self._folder = Path(tempfile.mkdtemp(prefix="parlour-pg-"))
        self._owner = self._unprivileged()

    @property
    def url(self) -> str:
        host = str(self._folder).replace("/", "%2F")
        return f"postgres://parlour@{host}/postgres"

    def start(self) -> None:
        data = str(self._folder / "data")
        self._run(self._initdb, "-D", data, "-U", "parlour", "-A", "trust", "-E", "UTF8", "-N")
        self.resume()

    def make_database(self, name: str) -> None:
        """An empty database beside the one that `url` names."""
        with psycopg.connect(
            host=str(self._folder), user="parlour", dbname="postgres", autocommit=True
        ) as maintenance:
            maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def resume(self) -> None:
        """Start what was halted: it is as it was."""
        options = f"-k {self._folder} {SETTINGS}"
        log = str(self._folder / "log")
        begin = ["-w", "-t", "30", "-l", log, "-o", options, "start"]
        self._run(self._pg_ctl, "-D", str(self._folder / "data"), *begin)

    def halt(self) -> None:
        """Every connection breaks at once, and none can be made until `resume`."""
        self._run(self._pg_ctl, "-D", str(self._folder / "data"), "-w", "-m", "immediate", "stop")

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _unprivileged(self) -> str | None:
        """The user to become, since PostgreSQL refuses to run as root; None when not needed."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                person = pwd.getpwnam(name)
            except KeyError:
                continue
            os.chown(self._folder, person.pw_uid, person.pw_gid)
            return name
        return None

    def _run(self, *command: str) -> None:
        subprocess.run(
            command,
            user=self._owner,
            extra_groups=[] if self._owner else None,
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
