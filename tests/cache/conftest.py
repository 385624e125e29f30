"""Servers that a test may stop and kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.local.valkey import EmbeddedValkey


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server of the test's own, to stop and to kill."""
    server = EmbeddedValkey(tmp_path, password="secret", log=tmp_path / "valkey.log", throw_away=tmp_path)
    server.start()
    yield server
    server.kill()
