"""The whole of ./dev as a process: it becomes ready, keeps its data, and leaves nothing behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import psycopg
import pytest

from service.local.accounts import server_room
from service.local.processes import LOOPBACK
from service.local.state import PROJECT, env_file
from tests.fault_proxy import keep_a_port
from tests.local.process_table import descendants, still_running
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(300)  # each test starts several programs, perhaps on a busy machine


class Runner:
    """A ./dev on a port of its own."""

    def __init__(self, **environment: str) -> None:
        """Start nothing."""
        self._place = keep_a_port()
        self.port = int(self._place.getsockname()[1])
        self.folder = PROJECT / ".dev" / str(self.port)
        self._environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "PYTHONPATH": str(PROJECT),
            "WEB_WORKERS": "1",
            **environment,
        }

    def launch(self) -> None:
        """Start it without waiting."""
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "service.local"],
            cwd="/",
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def await_ready(self) -> None:
        """Wait for the line that says so."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line == f"ready {self.url}\n", self.process.communicate()

    def end(self, number: signal.Signals) -> tuple[set[int], str]:
        """Send a signal; give the processes that do not end, and the rest of stdout."""
        children = descendants(self.process.pid)
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        return still_running(children), rest

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.port}"

    def database_url(self) -> str:
        """Its database."""
        return str(json.loads(env_file(self.folder).read_text())["DATABASE_URL"])

    def is_ready(self) -> bool:
        """Ask it."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/readyz") as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as refused:
            refused.close()
            return False

    def clear_away(self) -> None:
        """Leave no trace in the project."""
        if self.process.poll() is None:
            self.end(signal.SIGTERM)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()
        self._place.close()
        shutil.rmtree(self.folder)
        shutil.rmtree(server_room(PROJECT) / str(self.port), ignore_errors=True)


@pytest.fixture
def new_runner() -> Iterator[Callable[..., Runner]]:
    """Makes runners and clears them away after the test."""
    made: list[Runner] = []

    def make(**environment: str) -> Runner:
        runner = Runner(**environment)
        runner.launch()
        made.append(runner)
        return runner

    yield make
    for runner in made:
        runner.clear_away()


def test_a_killed_runner_leaves_no_process_and_the_next_finds_its_data_whoever_else_stops(
    new_runner: Callable[..., Runner],
) -> None:
    """One story of two copies, because starting one takes longest by far."""
    killed, stopped = new_runner(), new_runner()
    killed.await_ready()
    with psycopg.connect(killed.database_url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1")
    stopped.await_ready()

    left, _ = killed.end(signal.SIGKILL)
    killed.launch()
    killed.await_ready()

    assert left == set()
    with psycopg.connect(killed.database_url()) as connection:
        assert connection.execute("SELECT * FROM kept").fetchall() == [(1,)]

    left, rest = stopped.end(signal.SIGINT)

    assert (left, rest, stopped.process.returncode) == (set(), "", 0)
    assert not env_file(stopped.folder).exists()
    eventually(killed.is_ready)  # its servers have milliseconds to answer


def test_servers_that_run_already_are_used(
    new_runner: Callable[..., Runner], database_url: str, redis_url: str
) -> None:
    runner = new_runner(DATABASE_URL=database_url, REDIS_URL=redis_url)

    runner.await_ready()

    assert runner.database_url() == database_url
    assert not (runner.folder / "postgres.log").exists()
    assert not (runner.folder / "valkey.log").exists()
    assert runner.end(signal.SIGTERM) == (set(), "")
    assert runner.process.returncode == 0
