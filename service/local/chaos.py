"""`./dev chaos FAULT [SECONDS]`: breaks something under the running service for a while, and shows what callers see."""

import argparse
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
import redis

from service.local.chaos_view import Watcher
from service.local.errors import CannotRun
from service.local.holding import hold, release
from service.local.state import DevState, find_state, kept_secrets, pid_file

LONGEST_SECONDS = 300
BEFORE_SECONDS = 2
AFTERWARDS_SECONDS = 4
STARTS_SECONDS = 2
"""What a runner may take to notice, and a server to start again."""
PAUSE_MILLISECONDS = 200
PAUSE_EVERY_SECONDS = 0.25
KILL_EVERY_SECONDS = 1.0

Breaking = Callable[[DevState, float], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What can be broken, and what to look at meanwhile."""

    summary: str
    look_at: str
    breaking: Breaking


def main(argv: Sequence[str] = ()) -> int:
    """Break, watch, mend, and watch again."""
    wanted = _parser().parse_args(argv)
    state, fault = find_state(), FAULTS[wanted.fault]
    watcher = Watcher(state)
    print(f"{fault.summary}, for {wanted.seconds:g} s. {fault.look_at}\n")
    try:
        watcher.watch("before", BEFORE_SECONDS)
        with fault.breaking(state, wanted.seconds):
            watcher.watch(wanted.fault, wanted.seconds)
        watcher.watch("after", AFTERWARDS_SECONDS)
    except KeyboardInterrupt:
        print("Everything is mended.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev chaos",
        description="Break something under the running service for a while, and show what callers see.",
        epilog="\n".join(f"{name:<14} {fault.summary}" for name, fault in FAULTS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("fault", choices=FAULTS, metavar="FAULT", help="one of those below")
    parser.add_argument(
        "seconds",
        nargs="?",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help=f"for how long, 1 to {LONGEST_SECONDS} (default: %(default)g)",
    )
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(f"a number of seconds from 1 to {LONGEST_SECONDS}")
    return seconds


def _held(*names: str) -> Breaking:
    """Return how to keep parts stopped: the runner does it, and starts them again by itself."""

    @contextmanager
    def breaking(state: DevState, seconds: float) -> Iterator[None]:
        _require_own(state, *names)
        hold(state.folder, names, seconds)
        try:
            yield
        finally:
            release(state.folder)

    return breaking


def _repeatedly(every_seconds: float, do: Callable[[DevState], None]) -> Breaking:
    """Return how to do something again and again."""

    @contextmanager
    def breaking(state: DevState, seconds: float) -> Iterator[None]:
        del seconds
        over = threading.Event()

        def work() -> None:
            while not over.is_set():
                do(state)
                over.wait(every_seconds)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    return breaking


def _pause_redis(state: DevState) -> None:
    """Let every command wait longer than the service does; the server ends the pause by itself."""
    with redis.Redis.from_url(state.redis_url) as client, contextlib.suppress(redis.RedisError):
        client.client_pause(PAUSE_MILLISECONDS, all=True)


def _flush_redis(state: DevState) -> None:
    with redis.Redis.from_url(state.redis_url) as client:
        client.flushdb()


def _kill_a_worker(state: DevState) -> None:
    if workers := workers_of(state):
        with contextlib.suppress(ProcessLookupError):
            os.kill(workers[0], signal.SIGKILL)


def workers_of(state: DevState) -> list[int]:
    """Return the process ids of the service's workers."""
    pid = pid_file(state.folder).read_text().strip()
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    return [int(child) for child, parent in map(str.split, table.splitlines()) if parent == pid]


@contextmanager
def _lock_settings(state: DevState, seconds: float) -> Iterator[None]:
    """Hold a lock as a careless migration would; it ends with this connection, or by itself."""
    with psycopg.connect(state.database_url) as connection:
        limit = str(int((seconds + STARTS_SECONDS) * 1000))
        connection.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [limit])
        connection.execute("LOCK TABLE user_state IN ACCESS EXCLUSIVE MODE")
        with contextlib.suppress(psycopg.OperationalError, psycopg.errors.IdleInTransactionSessionTimeout):
            yield
            connection.rollback()


def _require_own(state: DevState, *names: str) -> None:
    """Refuse to stop a server that ./dev did not start."""
    secrets = kept_secrets(state.folder)
    own = {
        "Valkey": urlsplit(state.redis_url).password == secrets.valkey_password,
        "PostgreSQL": urlsplit(state.database_url).password == secrets.postgres_password,
    }
    for name in names:
        if not own[name]:
            raise CannotRun(f"This copy uses a server that ./dev did not start, and does not stop: {name}.")


FAULTS = {
    "redis-down": Fault(
        "Redis is stopped",
        "Feeds stay exact, from PostgreSQL; blocks are kept; redis_breaker_open rises.",
        _held("Valkey"),
    ),
    "redis-slow": Fault(
        "Redis answers after 200 ms",
        "One call in each worker waits 50 ms, then the breaker opens; feeds stay exact.",
        _repeatedly(PAUSE_EVERY_SECONDS, _pause_redis),
    ),
    "redis-flush": Fault(
        "Redis is emptied every second",
        "Nobody notices but rules_cache_lookups.",
        _repeatedly(1.0, _flush_redis),
    ),
    "postgres-down": Fault(
        "PostgreSQL is stopped",
        "Feeds go on from Redis, degraded; a token that Redis cannot meet gets unverified; edits get 503, Retry-After.",
        _held("PostgreSQL"),
    ),
    "postgres-slow": Fault(
        "A lock lies on the settings",
        "Feeds go on from Redis; a token that it cannot meet gets unverified; edits wait 1.5 s, then get 503.",
        _lock_settings,
    ),
    "both-down": Fault(
        "Redis and PostgreSQL are stopped", "Everything is 503, at once.", _held("Valkey", "PostgreSQL")
    ),
    "worker-kill": Fault(
        "A worker is killed every second",
        "What was acknowledged stays; a call that got no answer may be sent again.",
        _repeatedly(KILL_EVERY_SECONDS, _kill_a_worker),
    ),
}
