"""The service as production runs it, on servers of its own that may be broken: gunicorn, relay, and who calls them."""

import json
import os
import random
import re
import secrets
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from load_tests.driver import Call, Connection, Reply
from service.local.keys import ensure_keys, make_token
from service.local.parts import ProjectProcess, WebService
from service.local.postgres import EmbeddedPostgres
from service.local.processes import LOOPBACK
from service.local.state import DevState
from service.local.valkey import EmbeddedValkey
from service.store.migrating import migrate
from tests.fault_proxy import keep_a_port

NO_LIMIT: Final = "1000000"
"""Edits a minute: drivers edit faster than people do."""
_LIFETIME: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One running copy of the service: where it answers, and what may be done to it."""

    state: DevState
    web: WebService
    relay: ProjectProcess
    path: str = ""

    @property
    def base_url(self) -> str:
        """The address that clients call."""
        return self.state.base_url + self.path

    def user(self, name: str) -> str:
        """Return a token of somebody who edits their own settings."""
        return make_token(self.state.folder, subject=name, scopes=["settings"], lifetime=_LIFETIME)

    def service(self, *scopes: str) -> str:
        """Return a token of a feed or comment service."""
        return make_token(self.state.folder, subject="driver", scopes=scopes, lifetime=_LIFETIME)

    def workers(self) -> list[int]:
        """Return the process ids of the workers that live right now."""
        found = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text().split()
        return [int(each) for each in found]

    def kill_a_worker(self, chance: random.Random) -> None:
        """End one worker as a crash would; gunicorn starts another."""
        if workers := self.workers():
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)

    def metric(self, name: str, **labels: str) -> float:
        """Return a metric of all workers together, summed over the labels that are not named."""
        with closing(Client(self.state.base_url)) as client:
            page = client.call("GET", "/metrics").body.decode()
        total = 0.0
        for line in page.splitlines():
            wanted = [f'{label}="{value}"' for label, value in labels.items()]
            if re.match(rf"{name}[{{ ]", line) and all(each in line for each in wanted):
                total += float(line.rpartition(" ")[2])
        return total


class Client:
    """One caller on one kept-alive connection, opened again after it broke."""

    def __init__(self, base_url: str) -> None:
        address = urlsplit(base_url)
        self._host, self._port, self._path = address.hostname or LOOPBACK, address.port or 80, address.path
        self._connection: Connection | None = None

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request and return its answer; raise OSError where there is none."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} {self._path}{path} HTTP/1.1",
            f"Host: {self._host}:{self._port}",
            f"Content-Length: {len(content)}",
            *(f"{name}: {value}" for name, value in (headers or {}).items()),
        ]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if content:
            lines.append("Content-Type: application/json")
        return self._exchange("\r\n".join([*lines, "", ""]).encode() + content)

    def close(self) -> None:
        """Hang up."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _exchange(self, content: bytes) -> Reply:
        if self._connection is None:
            self._connection = Connection(Call(self._host, self._port, content))
        try:
            reply = self._connection.exchange(content)
        except (OSError, ValueError):
            self.close()
            raise
        if reply.headers.get("connection", "").lower() == "close":
            self.close()
        return reply


def a_copy(folder: Path, database_url: str, redis_url: str, *, port: int) -> DevState:
    """Describe a copy of the service on servers that run already, with keys of its own in a folder."""
    return DevState(
        folder=folder,
        port=port,
        database_url=database_url,
        redis_url=redis_url,
        auth_jwks=ensure_keys(folder),
        consistency_key=secrets.token_hex(32),
    )


@contextmanager
def deployed(
    folder: Path,
    database_url: str,
    redis_url: str,
    *,
    application: str = "service.wsgi:app",
    workers: int = 2,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Deployment]:
    """Run gunicorn and a relay on servers that run already; ``settings`` are further names of the environment."""
    place = keep_a_port()
    state = a_copy(folder, database_url, redis_url, port=place.getsockname()[1])
    wanted = {
        "WEB_WORKERS": str(workers),
        "WRITES_PER_MINUTE": NO_LIMIT,
        "LOG_LEVEL": "WARNING",
        **(settings or {}),
    }
    web = WebService(state, application=application, settings=wanted)
    relay = ProjectProcess("relay", state, "service.cli", "relay", settings=wanted)
    with place, ExitStack() as stack:
        for part in (relay, web):
            stack.callback(part.stop)
            part.start()
        yield Deployment(state, web, relay)


NOBODY_LOOKED_AT_TWICE: Final = {"PANEL_PER_MILLION": "0"}
"""Else the feeds of a panel are decided again beside their answers, by rules straight from PostgreSQL."""


@dataclass(frozen=True, slots=True)
class OwnServers:
    """A PostgreSQL and a Valkey that nobody else uses, and a folder for everything."""

    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey
    folder: Path


@contextmanager
def own_servers(*, durable: bool = False) -> Iterator[OwnServers]:
    """Start servers with every migration applied; ``durable`` where they shall survive a kill -9."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's account passes through
        postgres = EmbeddedPostgres(
            folder,
            password="local",
            log=folder / "postgres.log",
            durable=durable,
            throw_away=folder,
            settings={"max_connections": "200"},
        )
        valkey = EmbeddedValkey(folder, password="local", log=folder / "valkey.log", throw_away=folder)
        with ExitStack() as stack:
            for server in (postgres, valkey):
                stack.callback(server.stop)
                server.start()
            migrate(postgres.url())
            yield OwnServers(postgres, valkey, folder)
