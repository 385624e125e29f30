"""Child processes that never outlive the program that started them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from service.local.accounts import Account
from service.local.errors import ServerDidNotStart, open_log

GUARD = Path(__file__).with_name("guard.py")
LOOPBACK = "127.0.0.1"


class GuardedProcess:
    """One program under a guard of its own: start, stop, kill, and start again."""

    def __init__(
        self,
        name: str,
        *,
        log: Path,
        account: Account | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace_seconds: float = 10,
        throw_away: Path | None = None,
    ) -> None:
        """Describe the program; its guard removes the folder `throw_away` if we die without a word."""
        self.name = name
        self.log = log
        self.pid = 0
        self._account = account
        self._stop_signal = stop_signal
        self._grace_seconds = grace_seconds
        self._throw_away = throw_away
        self._guard: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> None:
        """Start the program in a folder; its output replaces the log of the last start."""
        self.stop()  # closes the pipe to the guard of a program that has ended by itself
        order = {
            "command": [os.fspath(part) for part in command],
            "account": asdict(self._account) if self._account else None,
            "stop_signal": int(self._stop_signal),
            "grace_seconds": self._grace_seconds,
            "throw_away": self._throw_away and os.fspath(self._throw_away),
        }
        with open_log(self.log) as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", GUARD, json.dumps(order)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,  # Ctrl-C is for the runner, which ends the servers in order
            )
        assert self._guard.stdout is not None
        with self._guard.stdout as report:
            self.pid = int(report.readline() or 0)
        if not self.pid:
            self.stop()
            raise ServerDidNotStart(self.name, self.log)

    def is_running(self) -> bool:
        """Tell whether the program has been started and has not ended."""
        return self._guard is not None and self._guard.poll() is None

    def wait(self, seconds: float | None = None) -> int:
        """Wait for the program to end by itself; give its exit status."""
        assert self._guard is not None
        return self._guard.wait(seconds)

    def stop(self) -> None:
        """End the program as it likes to be ended, or, after its grace, as it does not."""
        if self._guard is None:
            return
        assert self._guard.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._guard.stdin as lifeline:
            lifeline.write(b"stop\n")
            lifeline.flush()
        self._guard.wait()
        self._guard = None

    def kill(self) -> None:
        """End the program as a crash would: at once, without its knowledge."""
        self.signal(signal.SIGKILL)
        self.stop()

    def signal(self, number: signal.Signals) -> None:
        """Send the program itself a signal, if it still runs."""
        if self.is_running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def free_port() -> int:
    """Give a TCP port of 127.0.0.1 that nobody listens on; somebody may be quicker, so callers try again."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Tell whether a server could listen on a TCP port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
