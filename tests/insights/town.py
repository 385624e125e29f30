"""A population played on the whole service of this process, and everything that was asked and answered."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import sleep
from typing import Any, cast

from flask import Flask
from sqlalchemy import Engine

from load_tests.golden.faults import with_faults
from load_tests.golden.stage import close_through, count_everything
from service.api.parts import EXTENSION, ApiParts
from service.app import Servers, create_app
from service.cache.rules import RedisRules
from service.cache.tallies import QUEUED, RedisTallies
from service.config import CONSISTENCY_KEY_BYTES, Config
from service.local.clock import PRETENDED_NOW, now_or_then
from service.local.population import Call, Population, batched
from service.local.traffic import segment_header
from service.store.events import PostgresEvents
from service.store.insights import PostgresInsights
from tests.api.identity import AUDIENCE, ISSUER, a_key, a_key_set, a_token, claims
from tests.servers import patient

TRIES, BUSY = 20, 503
FINE = {200, 201, 204, 404, 409}
PLATFORM = "feed:filter comments:check"


@dataclass
class Town:
    """The service, and what was asked of it and answered, in order."""

    app: Flask
    servers: Servers
    config: Config
    log: list[tuple[Call, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = self.app.test_client()
        self._tokens: dict[str, str] = {}
        self.tallies = cast("RedisTallies", self.parts.stories.tallies)
        self.tallies._works_aside = False
        self.events = PostgresEvents(self.engine, self.servers.epochs)
        self.insights = PostgresInsights(self.engine)

    @property
    def parts(self) -> ApiParts:
        """What the views work with."""
        return cast("ApiParts", self.app.extensions[EXTENSION])

    @property
    def engine(self) -> Engine:
        """The connections to the database."""
        return self.servers.engine

    def call(self, call: Call) -> Any:
        """Make one call as it is made over HTTP."""
        subject, scope = (call.user, "settings") if call.user else ("platform", PLATFORM)
        headers = {
            "Authorization": f"Bearer {self._token(subject, scope)}",
            PRETENDED_NOW: call.at.isoformat(),
            **call.headers,
        }
        if call.segment:
            headers["Viewer-Segment"] = segment_header(call.segment)
        for _ in range(TRIES):
            answer = self._client.open(call.path, method=call.method, json=call.body, headers=headers)
            if answer.status_code != BUSY:
                break
            sleep(0.5)
        assert answer.status_code in FINE, (call, answer.text)
        said = answer.get_json(silent=True)
        self.log.append((call, said))
        return said

    def read(self, path: str, **asked: str) -> Any:
        """Return what an analyst reads."""
        headers = {"Authorization": f"Bearer {self._token('analyst', 'insights:read')}"}
        answer = self._client.get(path, query_string=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def play(self, population: Population) -> None:
        """Play every day, each part after the one before, and judge visits before anybody changes their mind."""
        for day in population.days():
            self.play_all([*day.mornings, *day.visits])
            self.settle()
            self.play_all(batched(day.evenings))

    def play_all(self, calls: Sequence[Call]) -> None:
        """Make calls one after the other; a queue that fills up is emptied as it would be twice a second."""
        for call in calls:
            self.call(call)
            if self.tallies._queue.qsize() > QUEUED // 2:
                self.settle()

    def settle(self) -> None:
        """Look again at everything that was asked about."""
        self.tallies.send()

    def count_all(self) -> None:
        """Bring everything that happened into the tallies."""
        self.settle()
        count_everything(self.events, self.config.redis_url)

    def close(self, last: date) -> int:
        """Count everything, and close what is over once a day is."""
        return close_through(self, last)

    def _token(self, subject: str, scope: str) -> str:
        if subject not in self._tokens:
            now = int(datetime.now(UTC).timestamp())
            said = claims(sub=subject, scope=scope, iat=now, exp=now + 3_000)
            self._tokens[subject] = a_token(said)
        return self._tokens[subject]


@contextmanager
def a_town(database_url: str, redis_url: str, folder: Path) -> Iterator[Town]:
    """Run the service as ./dev does: everybody is on the panel, and callers say what time it is."""
    keys = folder / "jwks.json"
    keys.write_bytes(a_key_set(a_key()))
    config = Config(
        database_url=database_url,
        redis_url=patient(redis_url),
        auth_jwks=str(keys),
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        consistency_key=bytes(range(CONSISTENCY_KEY_BYTES)),
        panel_per_million=1_000_000,
        writes_per_minute=100_000,
    )
    app = with_faults(create_app(config, clock=now_or_then), config)
    servers: Servers = app.extensions["servers"]
    town = Town(app, servers, config)
    yield town
    cast("RedisRules", town.parts.stories.rules).close()
    servers.close()
