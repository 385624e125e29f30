"""A real PostgreSQL of our own on 127.0.0.1, from the wheel's programs alone.

The wheel's Python API is not used: run as root it changes the mode of parent folders, and it leaves orphans.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from service.local.accounts import PLAIN_ENVIRONMENT, give, server_account
from service.local.binaries import PostgresBinaries, find_postgres
from service.local.errors import CannotRun, ServerDidNotStart, tail
from service.local.processes import LOOPBACK, GuardedProcess, free_port, port_is_free

OWNER = "safety_controls"
START_SECONDS = 60  # recovery after a crash may take a while on a slow disk
STOP_SECONDS = 20
PAUSE_SECONDS = 0.02
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
TRY_AGAIN = ("Address already in use", "pre-existing shared memory block")


class EmbeddedPostgres:
    """One PostgreSQL server: start, stop, kill and start again on the same data and port.

    Reached over TCP with a password only: the path of a Unix socket may hold about 100 bytes, and many
    projects lie deeper than that.
    """

    def __init__(
        self,
        folder: Path,
        *,
        password: str,
        log: Path,
        binaries: PostgresBinaries | None = None,
        durable: bool = True,
        throw_away: Path | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        """Describe the server whose data lies in `folder`/postgres; nothing runs yet.

        `durable=False` trades safety for speed, for data that nobody will miss. `settings` are the server's
        own. `throw_away` is a folder to remove when the program that starts this server is killed.
        """
        self.name = "PostgreSQL"
        self.data = folder / "postgres"
        self.log = log
        self.port = 0
        self._account = server_account()
        self._password = password
        self._binaries = binaries or find_postgres(folder.parent, self._account)
        self._durable = durable
        self._settings = {**(DURABLE if durable else THROW_AWAY), **(settings or {})}
        self._process = GuardedProcess(
            self.name,
            log=log,
            account=self._account,
            stop_signal=signal.SIGINT,  # "fast": ends sessions instead of waiting for them
            grace_seconds=STOP_SECONDS,
            throw_away=throw_away,
        )

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """Give the address of one database, with its password."""
        return f"postgresql://{OWNER}:{quote(self._password)}@{LOOPBACK}:{self.port}/{database}"

    def is_running(self) -> bool:
        """Tell whether the server has been started and has not ended."""
        return self._process.is_running()

    def start(self) -> None:
        """Start the server, on the port it had before if it had one; return when it answers."""
        if not self.data.exists():
            self._create()
        self._require_same_version()
        end_left_over(self.data)
        give_up = time.monotonic() + START_SECONDS
        while True:
            self._launch()
            if self._answers(give_up):
                return
            self._process.stop()
            if time.monotonic() > give_up or not any(text in tail(self.log) for text in TRY_AGAIN):
                raise ServerDidNotStart(self.name, self.log)
            time.sleep(PAUSE_SECONDS)

    def stop(self) -> None:
        """Shut the server down in order."""
        self._process.stop()

    def kill(self) -> None:
        """End the server as a power cut would end it."""
        self._process.kill()

    def restart(self) -> None:
        """Stop and start on the same data and port."""
        self.stop()
        self.start()

    def signal(self, number: signal.Signals) -> None:
        """Send the postmaster a signal."""
        self._process.signal(number)

    def create_database(self, name: str) -> None:
        """Create a database of this name unless there is one."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not found:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))

    def _create(self) -> None:
        """Make the data folder under another name first: an interrupted start leaves no half of one."""
        unfinished = self.data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        give(unfinished, self._account)
        password_file = self.data.with_name("password.unfinished")
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        give(password_file, self._account)
        try:
            self._initdb(unfinished, password_file)
        finally:
            password_file.unlink()
        unfinished.rename(self.data)

    def _initdb(self, folder: Path, password_file: Path) -> None:
        command: list[str | Path] = [
            self._binaries.initdb,
            *("--pgdata", folder, "--username", OWNER, "--pwfile", password_file),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--data-checksums"),
            *([] if self._durable else ["--no-sync"]),
        ]
        self._process.start(command, PLAIN_ENVIRONMENT, Path("/"))
        status = self._process.wait()
        self._process.stop()
        if status:
            raise ServerDidNotStart(self.name, self.log)

    def _require_same_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != (found := self._binaries.major_version()):
            raise CannotRun(
                f"The data in {self.data} was made by PostgreSQL {made_by}, but only {found} is here. "
                "Remove that folder to start afresh."
            )

    def _launch(self) -> None:
        if not self.port or not port_is_free(self.port):
            self.port = free_port()
        settings = self._settings | {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
        }
        arguments = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        self._process.start(
            [self._binaries.postgres, "-D", self.data, *arguments], PLAIN_ENVIRONMENT, Path("/")
        )

    def _answers(self, give_up: float) -> bool:
        """Wait until the server answers with our password; False if it ends before."""
        while self.is_running() and time.monotonic() < give_up:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    self._require_own_port()
                time.sleep(PAUSE_SECONDS)
            else:
                return True
        return False

    def _require_own_port(self) -> None:
        """Tell a forgotten password from a port that another PostgreSQL took just before ours could."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds=1)
            return
        self.stop()
        raise CannotRun(
            f"The data in {self.data} was made with another password; remove that folder to start afresh."
        )


def end_left_over(data: Path) -> None:
    """Deal with the pid file of an earlier server on this data; the caller knows that its runner is gone.

    PostgreSQL sees to a file whose process is gone. It refuses to start if any process of its account has
    that number, though, so a number that now belongs to another program is forgotten here. A postmaster that
    truly runs is ending itself, or lost its guard as well as its runner: it gets time, then orders.
    """
    pid_file = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        pid = int(pid_file.read_text().splitlines()[0])
        if not is_postmaster(pid, data):
            pid_file.unlink()
            return
        for order in (0, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, order)
            if has_ended(pid, data, seconds=5):
                return
        raise CannotRun(f"A PostgreSQL that nobody runs (process {pid}) holds {data} and does not end.")


def has_ended(pid: int, data: Path, *, seconds: float) -> bool:
    """Wait a while for a postmaster to end; tell whether it did."""
    give_up = time.monotonic() + seconds
    while is_postmaster(pid, data):
        if time.monotonic() > give_up:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def is_postmaster(pid: int, data: Path) -> bool:
    """Tell whether a process is a PostgreSQL on this data folder, from its command line."""
    return os.fspath(data) in command_line(pid)


def command_line(pid: int) -> str:
    """Read how a process was started, from /proc where there is one, else from ps; empty if it is gone."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="surrogateescape")
        except OSError:
            return ""
    return subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    ).stdout
