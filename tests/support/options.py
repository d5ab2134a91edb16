"""Loaded before the settings are: `--database=postgres` starts a private cluster that they read."""

import os
from collections.abc import Iterator

import pytest

from tests.support.postgres import PostgresCluster
from tests.support.scratch import make_scratch_folder, remove_scratch_folder

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences"}
# Media in real time fails when two workers share the cores.
NEEDS_THE_MACHINE = {"browsers", "firefox", "server_group", "web_server"}
_cluster: PostgresCluster | None = None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="where the database-touching tests run; postgres starts a private cluster",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Runs around pytest-django's own hook, which imports the settings."""
    global _cluster
    make_scratch_folder()
    wanted = early_config.known_args_namespace.database == "postgres"
    # A worker of xdist finds the address that its controller has set.
    if wanted and "PARLOUR_TEST_DATABASE_URL" not in os.environ:
        _cluster = PostgresCluster()
        _cluster.start()
        os.environ["PARLOUR_TEST_DATABASE_URL"] = _cluster.url
    return (yield)


def pytest_unconfigure() -> None:
    global _cluster
    if _cluster is not None:
        _cluster.stop()
        _cluster = None
    remove_scratch_folder()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what runs by itself by its fixtures; on PostgreSQL keep what needs a database."""
    for item in items:
        if NEEDS_THE_MACHINE & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
    if config.getoption("database") != "postgres":
        return
    kept = [item for item in items if touches_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def touches_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db"):
        return True
    return bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))
