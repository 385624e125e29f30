"""The processes that ./dev starts, watches, restarts and stops."""

import http.client
import os
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, Protocol

from service.local.errors import CannotRun, ServerDidNotStart, tail
from service.local.processes import LOOPBACK, GuardedProcess
from service.local.state import PROJECT, DevState, pid_file

READY_SECONDS = 60
LOOK_SECONDS = 0.5
PAUSE_SECONDS = 0.05
STEADY_SECONDS = 30
RESTARTS = 3


class Part(Protocol):
    """A process that is kept running."""

    name: str
    log: Path

    def start(self) -> None:
        """Start it; return when it does its work."""

    def stop(self) -> None:
        """End it in order."""

    def is_running(self) -> bool:
        """Tell whether it has been started and has not ended."""


class ProjectProcess:
    """A Python program of this project, with the settings of one copy."""

    def __init__(
        self, name: str, state: DevState, *arguments: str, settings: Mapping[str, str] | None = None
    ) -> None:
        """Describe `python -m` with arguments; nothing runs yet. `settings` are added to those of the copy."""
        self.name = name
        self.log = state.folder / f"{name}.log"
        self._arguments = arguments
        self._environment = {**os.environ, **state.environment(), **(settings or {})}
        self._process = GuardedProcess(name, log=self.log)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    def start(self) -> None:
        """Start the program."""
        command = [sys.executable, "-m", *self._arguments]
        self._process.start(command, self._environment, PROJECT)

    def stop(self) -> None:
        """End the program in order."""
        self._process.stop()

    def is_running(self) -> bool:
        """Tell whether the program has been started and has not ended."""
        return self._process.is_running()

    def run_to_its_end(self) -> None:
        """Start the program and wait for it to finish well."""
        self.start()
        status = self._process.wait()
        self.stop()
        if status:
            raise ServerDidNotStart(self.name, self.log)


class WebService(ProjectProcess):
    """The service itself under gunicorn, started when it can answer."""

    def __init__(
        self,
        state: DevState,
        *,
        application: str = "service.local.wsgi:app",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Describe gunicorn with the project's configuration; nothing runs yet."""
        super().__init__(
            "service",
            state,
            *("gunicorn", "--config", "service/gunicorn_conf.py", application),
            *("--pid", str(pid_file(state.folder))),
            settings={"PROMETHEUS_MULTIPROC_DIR": str(state.folder / "metrics"), **(settings or {})},
        )
        self._port = state.port
        self._pid_file = pid_file(state.folder)

    def start(self) -> None:
        """Start the service; return when /readyz answers 200."""
        self._pid_file.unlink(missing_ok=True)  # after a kill -9 it may name somebody else's process by now
        super().start()
        give_up = time.monotonic() + READY_SECONDS
        while (status := self._status_of_readyz()) != http.client.OK:
            if not self.is_running() or time.monotonic() > give_up:
                self.stop()
                raise ServerDidNotStart(f"The service (/readyz: {status or 'no answer'})", self.log)
            time.sleep(PAUSE_SECONDS)

    def _status_of_readyz(self) -> int | None:
        """Ask without urllib, which would send the question to the proxy of the environment."""
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def keep_running(
    parts: Sequence[Part],
    tell: Callable[[str], None],
    held: Callable[[], Collection[str]] = tuple,
) -> NoReturn:
    """Start again whatever ends, unless it keeps ending; only an exception leads out of here.

    Parts that are ``held`` by name are stopped, and started once they are not.
    """
    failures = {part.name: 0 for part in parts}
    started = {part.name: time.monotonic() for part in parts}
    stopped: set[str] = set()
    while True:
        time.sleep(LOOK_SECONDS)
        names = held()
        for part in parts:
            if part.name in names:
                if part.name not in stopped:
                    tell(f"{part.name} is stopped for a while, as ./dev chaos asked")
                    part.stop()
                stopped.add(part.name)
                continue
            if part.is_running():
                continue
            if part.name in stopped:
                stopped.discard(part.name)
                tell(f"{part.name} is started again")
            else:
                steady = time.monotonic() - started[part.name] > STEADY_SECONDS
                failures[part.name] = 1 if steady else failures[part.name] + 1
                if failures[part.name] > RESTARTS:
                    raise CannotRun(f"{part.name} keeps ending. The end of {part.log}:\n{tail(part.log)}")
                tell(f"{part.name} ended; starting it again. Its last words:\n{tail(part.log)}")
            part.start()
            started[part.name] = time.monotonic()
