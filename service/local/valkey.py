"""A real Valkey (or Redis) of our own on 127.0.0.1."""

import os
import signal
import time
from pathlib import Path

import redis

from service.local.binaries import find_valkey
from service.local.errors import ServerDidNotStart
from service.local.processes import LOOPBACK, GuardedProcess, free_port, port_is_free

START_SECONDS = 20
STOP_SECONDS = 10
PAUSE_SECONDS = 0.02
ATTEMPTS = 5
DATABASES = 64  # one for each process of a test run


class EmbeddedValkey:
    """One Valkey server: start, stop, kill and start again on the same port.

    Keeps nothing on disk: it holds what can be computed again, and a cache that came back from a dump would
    hold rules older than any promise allows.
    """

    def __init__(self, folder: Path, *, password: str, log: Path, throw_away: Path | None = None) -> None:
        """Describe the server with its settings in `folder`/valkey; nothing runs yet."""
        self.name = "Valkey"
        self.folder = folder / "valkey"
        self.log = log
        self.port = 0
        self._password = password
        self._program = find_valkey()
        self._process = GuardedProcess(self.name, log=log, grace_seconds=STOP_SECONDS, throw_away=throw_away)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def url(self, database: int = 0) -> str:
        """Give the address of one logical database, with its password."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/{database}"

    def is_running(self) -> bool:
        """Tell whether the server has been started and has not ended."""
        return self._process.is_running()

    def start(self) -> None:
        """Start the server, on the port it had before if it had one; return when it answers."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for _ in range(ATTEMPTS):
            if not self.port or not port_is_free(self.port):
                self.port = free_port()
            self._process.start([self._program, self._write_settings()], {"PATH": os.defpath}, self.folder)
            if self._answers():
                return
            self._process.stop()
        raise ServerDidNotStart(self.name, self.log)

    def stop(self) -> None:
        """Shut the server down in order."""
        self._process.stop()

    def kill(self) -> None:
        """End the server as a crash would."""
        self._process.kill()

    def restart(self) -> None:
        """Stop and start on the same port, empty."""
        self.stop()
        self.start()

    def signal(self, number: signal.Signals) -> None:
        """Send the server a signal; SIGSTOP and SIGCONT make it hang and come back."""
        self._process.signal(number)

    def _write_settings(self) -> Path:
        """Put the settings in a file that only we can read: arguments show in every list of processes."""
        settings = self.folder / "valkey.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f"bind {LOOPBACK}\nport {self.port}\nrequirepass {self._password}\n"
            f'save ""\nappendonly no\ndatabases {DATABASES}\ndaemonize no\n'
        )
        return settings

    def _answers(self) -> bool:
        """Wait until the server answers with our password; False if it ends, or another program answers."""
        give_up = time.monotonic() + START_SECONDS
        with redis.Redis.from_url(self.url(), socket_timeout=2) as client:
            while self.is_running() and time.monotonic() < give_up:
                try:
                    return bool(client.ping())
                except redis.AuthenticationError:
                    return False
                except redis.RedisError:
                    time.sleep(PAUSE_SECONDS)
        return False
