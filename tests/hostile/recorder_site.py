"""A whole server group whose parts die: on PostgreSQL, with a Redis and a spool of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from config.devgroup import environment
from tests.support.group import ROOT, ServerGroup
from tests.support.postgres import PostgresCluster
from tests.support.redis import MortalRedis
from tests.support.registry import Registry, RegistryFault, registry

CAPTURING = ("queued", "recording")


class RecorderSite:
    """The group, the two servers that it stands on, and a registry that looks into it."""

    def __init__(
        self, group: ServerGroup, cluster: PostgresCluster, redis: MortalRedis, archive: Registry
    ) -> None:
        self.group, self.cluster, self.redis, self.archive = group, cluster, redis, archive

    @property
    def url(self) -> str:
        return self.group.ws_url

    def holder(self, call: str, *, states: tuple[str, ...] = CAPTURING) -> int | None:
        """The living process that holds the lease of the call's recording in one of `states`."""
        try:
            row = self.archive.recording(call)
        except RegistryFault:  # the database is away
            return None
        owner = str(row.get("lease_owner", ""))
        if row.get("state") not in states or owner.count(":") < 2:
            return None
        pid = int(owner.split(":")[-2])
        return pid if Path(f"/proc/{pid}").exists() else None

    def start(self, *module: str) -> "subprocess.Popen[bytes]":
        """One more process of the group, such as a second scheduler."""
        group = self.group
        return subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env=environment(data_dir=group.data_dir, port=group.port, given=group.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def recorder_site(**extra: str) -> Iterator[RecorderSite]:
    """A started site; `extra` are settings of its processes."""
    with ExitStack() as stack:
        cluster = PostgresCluster()
        stack.callback(cluster.stop)
        cluster.start()
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="parlour-redis-")))
        redis = MortalRedis(folder)
        stack.callback(redis.kill)
        redis.start()
        group = ServerGroup(DATABASE_URL=cluster.url, REDIS_URL=redis.url, **extra)
        stack.callback(group.stop)
        group.start()
        archive = stack.enter_context(registry(group))
        yield RecorderSite(group, cluster, redis, archive)


def send_signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
