"""The whole way of a figure on the real PostgreSQL: edits, counting, closing, reading."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from service.store.engine import make_engine
from tests.insights.counting import Counting


@pytest.fixture
def engine(clean_database: str) -> Iterator[Engine]:
    """Connections to an empty database, enough for every thread that a test starts."""
    engine = make_engine(clean_database, pool_size=24)
    yield engine
    engine.dispose()


@pytest.fixture
def counting(engine: Engine) -> Counting:
    """The stories of counting around an empty database."""
    return Counting(engine)
