"""The whole service on this worker's PostgreSQL and Redis, and people who call it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import Servers, create_app
from service.config import CONSISTENCY_KEY_BYTES, Config
from tests.api.identity import AUDIENCE, ISSUER, a_key, a_key_set, a_token, claims
from tests.servers import patient


@dataclass(frozen=True)
class Person:
    """Somebody with a token: a user's phone, a service, an operator."""

    client: FlaskClient
    subject: str
    scopes: str

    @cached_property
    def authorization(self) -> str:
        """The header that says who this is, for the next ten minutes."""
        now = int(datetime.now(UTC).timestamp())
        return f"Bearer {a_token(claims(sub=self.subject, scope=self.scopes, iat=now, exp=now + 600))}"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Call the service as it is called over HTTP; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(
            path, method=method, json=body, headers={"Authorization": self.authorization, **named}
        )

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call, expect success, and return the answer's body."""
        answer = self.call(method, path, body, **headers)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json(silent=True)


@pytest.fixture
def app(clean_database: str, clean_redis: str, tmp_path: Path) -> Iterator[Flask]:
    """The service as production runs it."""
    keys = tmp_path / "jwks.json"
    keys.write_bytes(a_key_set(a_key()))
    made = create_app(
        Config(
            database_url=clean_database,
            redis_url=patient(clean_redis),
            auth_jwks=str(keys),
            auth_issuer=ISSUER,
            auth_audience=AUDIENCE,
            consistency_key=bytes(range(CONSISTENCY_KEY_BYTES)),
        )
    )
    yield made
    servers: Servers = made.extensions["servers"]
    servers.close()


@pytest.fixture
def mia(app: Flask) -> Person:
    """A user's phone."""
    return Person(app.test_client(), "mia", "settings")


@pytest.fixture
def troll(app: Flask) -> Person:
    """The phone of somebody else."""
    return Person(app.test_client(), "troll", "settings")


@pytest.fixture
def feed(app: Flask) -> Person:
    """The feed service, which may show people why their own settings hid something."""
    return Person(app.test_client(), "feed-service", "feed:filter filter:explain")


@pytest.fixture
def comments(app: Flask) -> Person:
    """The comment service."""
    return Person(app.test_client(), "comment-service", "comments:check")
