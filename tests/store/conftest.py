"""Stores on the real PostgreSQL."""

import pytest
from sqlalchemy import Engine

from service.store.settings import PostgresSettings


@pytest.fixture
def settings(engine: Engine) -> PostgresSettings:
    """The real settings store."""
    return PostgresSettings(engine)
