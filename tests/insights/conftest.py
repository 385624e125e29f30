"""The whole way of a figure on the real PostgreSQL: edits, counting, closing, reading."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.insights.counting import Counting
from tests.insights.town import Town, a_town


@pytest.fixture
def counting(engine: Engine) -> Counting:
    """The stories of counting around an empty database."""
    return Counting(engine)


@pytest.fixture
def town(clean_database: str, clean_redis: str, tmp_path: Path) -> Iterator[Town]:
    """The whole service, called as over HTTP, by people who say what time it is."""
    with a_town(clean_database, clean_redis, tmp_path) as made:
        yield made
