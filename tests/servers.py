"""The PostgreSQL and the Valkey of one test run, started for the first test that asks for them.

The process that began the run owns them, also when pytest-xdist hands the tests to workers: a worker may
crash and be replaced, and the first one to finish must not take the servers from the others. So workers ask
it.
"""

import contextlib
import os
import secrets
import shutil
import tempfile
import threading
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from pathlib import Path
from typing import LiteralString

import psycopg

from service.local.accounts import server_room
from service.local.errors import CannotRun
from service.local.postgres import EmbeddedPostgres
from service.local.valkey import EmbeddedValkey
from service.store.migrating import migrate

PROJECT = Path(__file__).parent.parent
LOOPBACK = "127.0.0.1"
TEMPLATE, UNFINISHED = "migrated", "migrating"

AS_REPLICA = "SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '5s';"
EVERY_TABLE = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind IN ('r', 'p') AND NOT relispartition
      AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers of the run answer; the folder is theirs and keeps their logs."""

    postgres_url: str
    valkey_url: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a worker needs to ask for the servers."""

    port: int
    key: bytes


class ThrowAwayServers:
    """Starts the servers once, on demand, and removes every trace of them."""

    def __init__(self) -> None:
        """Start nothing."""
        self._once = threading.Lock()
        self._stack = contextlib.ExitStack()
        self._addresses: Addresses | None = None

    def addresses(self) -> Addresses:
        """Start the servers unless they run; say where they answer."""
        with self._once:
            if not self._addresses:
                self._addresses = self._start()
            return self._addresses

    def stop(self) -> None:
        """Stop what runs and remove its folder."""
        with self._once:
            self._stack.close()
            self._addresses = None

    def _start(self) -> Addresses:
        folder = Path(tempfile.mkdtemp(prefix="test-", dir=server_room(PROJECT)))
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)  # PostgreSQL's account passes through
        postgres = EmbeddedPostgres(
            folder,
            password=secrets.token_hex(16),
            log=folder / "postgres.log",
            durable=False,
            throw_away=folder,
            settings={"max_connections": "200"},
        )
        self._stack.callback(postgres.stop)
        postgres.start()
        valkey = EmbeddedValkey(folder, password=secrets.token_hex(16), log=folder / "valkey.log")
        self._stack.callback(valkey.stop)
        valkey.start()
        return Addresses(postgres.url(), valkey.url(), folder)


class ServerDesk:
    """Answers the workers of a run who ask where the servers are."""

    def __init__(self, servers: ThrowAwayServers) -> None:
        """Open the desk on a port of this machine, for holders of an invitation."""
        self._servers = servers
        self._key = os.urandom(32)
        self._closing = threading.Event()
        self._listener = Listener((LOOPBACK, 0), authkey=self._key)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def invitation(self) -> Invitation:
        """Give what a worker needs to ask."""
        return Invitation(int(self._listener.address[1]), self._key)

    def close(self) -> None:
        """Close the desk; a last visitor of our own ends the thread's wait."""
        self._closing.set()
        Client((LOOPBACK, self.invitation().port), authkey=self._key).close()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._closing.is_set():
            with (
                contextlib.suppress(OSError, EOFError, AuthenticationError),
                self._listener.accept() as visitor,
            ):
                visitor.send(self._answer())

    def _answer(self) -> Addresses | str | None:
        if self._closing.is_set():
            return None
        try:
            return self._servers.addresses()
        except CannotRun as obstacle:
            return str(obstacle)


def ask_for_addresses(invitation: Invitation) -> Addresses:
    """Ask the process that began the run to start its servers unless they run; say where they answer."""
    with Client((LOOPBACK, invitation.port), authkey=invitation.key) as desk:
        answer = desk.recv()
    if not isinstance(answer, Addresses):
        raise CannotRun(answer)
    return answer


def ensure_migrated_database(addresses: Addresses) -> None:
    """Make the database that workers copy, once in a run, with every migration applied."""
    with psycopg.connect(addresses.postgres_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            return
        connection.execute(f"CREATE DATABASE {UNFINISHED}")
        migrate(database_at(addresses.postgres_url, UNFINISHED))
        connection.execute(f"ALTER DATABASE {UNFINISHED} RENAME TO {TEMPLATE}")


def create_worker_database(addresses: Addresses, worker: str) -> str:
    """Give one worker a database of its own, migrated and empty; give its address."""
    ensure_migrated_database(addresses)
    name = f"test_{worker}"
    with psycopg.connect(addresses.postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # a crashed worker's successor
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return database_at(addresses.postgres_url, name)


def database_at(url: str, name: str | int) -> str:
    """Give the address of another database of the same server."""
    return f"{url.rpartition('/')[0]}/{name}"


def patient(redis_url: str) -> str:
    """Give an address at which the service waits for Redis for seconds rather than for 50 ms.

    Whether an answer is right must not depend on how busy the machine is: what is not had from Redis in time comes
    from PostgreSQL, and an edit that could not be told to Redis shows when the relay has, which most tests do without.
    """
    return f"{redis_url}?socket_timeout=10&socket_connect_timeout=10"


def end_connections(database_url: str, which: LiteralString) -> None:
    """End those connections on the server's side, as a restart does; those of this database alone.

    ``which`` is a condition on ``pg_stat_activity``. All workers of a test run share one server, and what others do
    in their databases goes on.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = current_database() AND pid <> pg_backend_pid() AND {which}"
        )


def empty_every_table(connection: psycopg.Connection) -> None:
    """Delete all rows of all tables, except the record of migrations; for a superuser's connection.

    DELETE, because TRUNCATE takes twenty times as long on tables that hold a few rows. As a replica would,
    so that foreign keys need not be emptied in their order.
    """
    names = [row[0] for row in connection.execute(EVERY_TABLE)]
    deletes = "".join(f"DELETE FROM {name};" for name in names)
    connection.execute(f"BEGIN; {AS_REPLICA} {deletes} COMMIT")
