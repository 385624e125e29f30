"""`./dev`: the whole service on this machine, from an empty folder to `ready`, until Ctrl-C."""

import argparse
import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import FrameType

from service.local import demo_data
from service.local.accounts import server_room
from service.local.compiling import compile_if_possible
from service.local.errors import CannotRun
from service.local.holding import held_parts, release
from service.local.keys import make_token
from service.local.parts import Part, ProjectProcess, WebService, keep_running
from service.local.postgres import EmbeddedPostgres
from service.local.processes import port_is_free
from service.local.state import (
    PROJECT,
    DevState,
    chosen_port,
    claimed,
    env_file,
    forget,
    kept_secrets,
    new_state,
    remember,
    state_folder,
)
from service.local.valkey import EmbeddedValkey

DATABASE = "safety_controls"
PORT_SECONDS = 15  # longer than a service whose runner was killed takes to finish its requests
PAUSE_SECONDS = 0.1
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class LocalService:
    """Everything that one copy of the service needs, started in order and stopped in the opposite one."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        """Take a claimed folder; whatever starts is stopped by the stack."""
        self.parts: list[Part] = []
        self._folder = folder
        self._secrets = kept_secrets(folder)
        self._stack = stack

    def start(self) -> DevState:
        """Start everything; return when the service is ready and has its demo data."""
        own_database = not os.environ.get("DATABASE_URL")
        state = new_state(
            self._folder,
            database_url=os.environ.get("DATABASE_URL") or self._start_postgres(),
            redis_url=os.environ.get("REDIS_URL") or self._start_valkey(),
            consistency_key=self._secrets.consistency_key,
        )
        tell("Applying migrations")
        ProjectProcess("migrate", state, "service.cli", "migrate").run_to_its_end()
        if obstacle := compile_if_possible():
            tell(obstacle)
        tell("Starting the service")
        self._start(WebService(state))
        self._start(ProjectProcess("relay", state, "service.cli", "relay"))
        self._start(ProjectProcess("jobs", state, "service.local.jobs"))
        if own_database:
            load_demo_data(state)
        remember(state)
        self._stack.callback(forget, self._folder)
        return state

    def _start_postgres(self) -> str:
        tell("Starting PostgreSQL")
        room = server_room(PROJECT) / self._folder.name
        room.mkdir(mode=0o711, exist_ok=True)
        postgres = EmbeddedPostgres(
            room, password=self._secrets.postgres_password, log=self._folder / "postgres.log"
        )
        self._start(postgres)
        postgres.create_database(DATABASE)
        return postgres.url(DATABASE)

    def _start_valkey(self) -> str:
        tell("Starting Valkey")
        valkey = EmbeddedValkey(
            self._folder, password=self._secrets.valkey_password, log=self._folder / "valkey.log"
        )
        self._start(valkey)
        return valkey.url()

    def _start(self, part: Part) -> None:
        self._stack.callback(part.stop)
        part.start()
        self.parts.append(part)


def main(argv: Sequence[str] = ()) -> int:
    """Run everything until a signal asks to stop."""
    argparse.ArgumentParser(prog="./dev run", description=__doc__).parse_args(argv)
    for number in STOPPING:
        signal.signal(number, interrupt)
    port = chosen_port()
    folder = state_folder(port)
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(claimed(folder))
            release(folder)
            require_free_port(port, was_killed=env_file(folder).exists())
            service = LocalService(folder, stack)
            state = service.start()
            print(f"ready {state.base_url}", flush=True)
            tell(f"See it work: {state.base_url}/demo, or ./dev demo in another terminal.")
            tell(f"Read about every call: {state.base_url}/docs. Ctrl-C stops.")
            keep_running(service.parts, tell, partial(held_parts, folder))
    except KeyboardInterrupt:
        tell("Stopped")
    return 0


def require_free_port(port: int, *, was_killed: bool) -> None:
    """Refuse a port that another program uses; after a kill -9 ours may need a moment to end."""
    give_up = time.monotonic() + (PORT_SECONDS if was_killed else 0)
    while not port_is_free(port):
        if time.monotonic() > give_up:
            raise CannotRun(f"Another program uses port {port}; choose a free one with PORT=<port> ./dev.")
        time.sleep(PAUSE_SECONDS)


def load_demo_data(state: DevState) -> None:
    """Give the people of the demo their settings, through the service."""

    def token_for(user_id: str) -> str:
        return make_token(state.folder, subject=user_id, scopes=["settings"], lifetime=timedelta(minutes=5))

    tell("Loading demo data")
    demo_data.load(state.base_url, token_for)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Treat every signal that asks to stop like Ctrl-C."""
    raise KeyboardInterrupt


def tell(sentence: str) -> None:
    """Say what happens on stderr; stdout carries the one line `ready`."""
    print(sentence, file=sys.stderr, flush=True)
