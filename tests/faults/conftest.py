"""Real gunicorns with several workers, on a database of their own: relays eat rows that other tests count."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from load_tests.deployment import Deployment, deployed
from load_tests.variants import WITH_FAILPOINTS, Failpoints
from tests.fault_proxy import FaultProxy
from tests.servers import Addresses, create_worker_database, database_at

OTHER_DATABASES = 32


@dataclass(frozen=True)
class Breakable:
    """A running copy of the service, and what stands between it and its servers."""

    deployment: Deployment
    redis: FaultProxy
    postgres: FaultProxy
    failpoints: Failpoints
    redis_url: str


@pytest.fixture(scope="package")
def own_database_url(server_addresses: Addresses, worker_name: str) -> str:
    """A database for relays and workers that outlive a test."""
    return create_worker_database(server_addresses, f"{worker_name}_faults")


@pytest.fixture(scope="package")
def own_redis_url(server_addresses: Addresses, redis_url: str) -> str:
    """A logical Redis database that no other test empties."""
    return database_at(server_addresses.valkey_url, int(redis_url.rpartition("/")[2]) + OTHER_DATABASES)


@pytest.fixture(scope="package")
def breakable(
    own_database_url: str, own_redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Breakable]:
    """The service with failpoints, behind proxies."""
    with FaultProxy.before(own_redis_url) as redis, FaultProxy.before(own_database_url) as postgres:
        database_url, redis_url = postgres.url(own_database_url), redis.url(own_redis_url)
        folder = tmp_path_factory.mktemp("sound")
        failpoints = Failpoints(own_redis_url)
        settings = {"FAILPOINTS_URL": own_redis_url}
        with deployed(
            folder, database_url, redis_url, application=WITH_FAILPOINTS, settings=settings
        ) as deployment:
            yield Breakable(deployment, redis, postgres, failpoints, own_redis_url)
        failpoints.close()


@pytest.fixture
def healthy(breakable: Breakable) -> Iterator[Breakable]:
    """The same, with everything in order before and after."""
    yield breakable
    breakable.redis.heal()
    breakable.postgres.heal()
