"""Engines on the real PostgreSQL, and threads that report what went wrong in them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from service.store.engine import make_engine
from service.store.settings import PostgresSettings


@pytest.fixture
def engine(clean_database: str) -> Iterator[Engine]:
    """Connections to an empty database, enough for every thread that a test starts."""
    engine = make_engine(clean_database, pool_size=24)
    yield engine
    engine.dispose()


@pytest.fixture
def settings(engine: Engine) -> PostgresSettings:
    """The real settings store."""
    return PostgresSettings(engine)
