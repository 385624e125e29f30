"""Real servers for the tests that ask: one PostgreSQL and one Valkey a run, a database for every worker."""

from collections.abc import Iterator
from dataclasses import astuple
from typing import Any

import psycopg
import pytest
import redis
from hypothesis import settings
from sqlalchemy import Engine

from service.store import engine as engines
from tests.patience import REAL_PATIENCE, unhurried
from tests.servers import (
    Addresses,
    Invitation,
    ServerDesk,
    ThrowAwayServers,
    ask_for_addresses,
    create_worker_database,
    database_at,
    empty_every_table,
)

SERVERS = pytest.StashKey[ThrowAwayServers]()
DESK = pytest.StashKey[ServerDesk]()
INVITATION = "servers"

# On a busy machine a slow example is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Let the process that began the run own the servers; nothing starts yet."""
    if not hasattr(config, "workerinput"):
        config.stash[SERVERS] = ThrowAwayServers()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell every worker of pytest-xdist where to ask for the servers."""
    config = node.config
    if DESK not in config.stash:
        config.stash[DESK] = ServerDesk(config.stash[SERVERS])
    node.workerinput[INVITATION] = astuple(config.stash[DESK].invitation())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started, also after Ctrl-C; after kill -9 the servers' guards do it."""
    if DESK in config.stash:
        config.stash[DESK].close()
    if SERVERS in config.stash:
        config.stash[SERVERS].stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need servers, so that `-m "not servers"` runs the others."""
    for item in items:
        if "server_addresses" in getattr(item, "fixturenames", ()):
            item.add_marker("servers")


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Wait for PostgreSQL as nobody in production would."""
    with unhurried():
        yield


@pytest.fixture
def real_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up as production does, for tests of just that."""
    for owner, name, value in REAL_PATIENCE:
        monkeypatch.setattr(owner, name, value)


@pytest.fixture(scope="session")
def server_addresses(request: pytest.FixtureRequest) -> Addresses:
    """Where the PostgreSQL and the Valkey of this run answer."""
    worker = getattr(request.config, "workerinput", None)
    if worker:
        return ask_for_addresses(Invitation(*worker[INVITATION]))
    return request.config.stash[SERVERS].addresses()


@pytest.fixture(scope="session")
def worker_name(request: pytest.FixtureRequest) -> str:
    """The name of this test process: gw0, gw1, … under pytest-xdist, else main."""
    worker = getattr(request.config, "workerinput", None)
    return str(worker["workerid"]) if worker else "main"


@pytest.fixture(scope="session")
def database_url(server_addresses: Addresses, worker_name: str) -> str:
    """A database of this worker's own with every migration applied; rows stay between tests."""
    return create_worker_database(server_addresses, worker_name)


@pytest.fixture(scope="session")
def redis_url(server_addresses: Addresses, worker_name: str) -> str:
    """A logical Redis database of this worker's own; keys stay between tests."""
    number = int(worker_name.removeprefix("gw")) + 1 if worker_name != "main" else 0
    return database_at(server_addresses.valkey_url, number)


@pytest.fixture(scope="session")
def cleaning_connection(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection kept open to empty tables with; connecting takes longer than emptying."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def clean_database(database_url: str, cleaning_connection: psycopg.Connection) -> str:
    """The worker's database without a row in it; emptied before the test, so a failure can be looked at."""
    empty_every_table(cleaning_connection)
    return database_url


@pytest.fixture
def engine(clean_database: str) -> Iterator[Engine]:
    """Connections to an empty database, enough for every thread that a test starts."""
    made = engines.make_engine(clean_database, pool_size=24)
    yield made
    made.dispose()


@pytest.fixture
def clean_redis(redis_url: str) -> str:
    """The worker's Redis database without a key in it."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    return redis_url
