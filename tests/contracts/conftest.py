"""Both kinds of settings store, for every contract that is about one."""

from collections.abc import Iterator

import pytest

from service.store.engine import make_engine
from service.store.settings import PostgresSettings
from service.usecases.ports import SettingsStore
from tests.fakes.settings import FakeSettings


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.servers)])
def store(request: pytest.FixtureRequest) -> Iterator[SettingsStore]:
    """An empty store, once the fake and once PostgreSQL."""
    if request.param == "fake":
        yield FakeSettings()
        return
    engine = make_engine(request.getfixturevalue("clean_database"))
    yield PostgresSettings(engine)
    engine.dispose()
