"""What one running copy keeps under `.dev/<PORT>/`: secrets, addresses, keys, logs; one folder for each port."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from service.local.errors import CannotRun
from service.local.keys import AUDIENCE, ISSUER, ensure_keys
from service.local.processes import LOOPBACK

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = "8000"
EVERYBODY = "1000000"  # so few people use a copy that the panel takes all of them


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is drawn at random on the first start and kept."""

    postgres_password: str
    valkey_password: str
    consistency_key: str


@dataclass(frozen=True, slots=True)
class DevState:
    """One running copy of the service: where it answers and what it was configured with."""

    folder: Path
    port: int
    database_url: str
    redis_url: str
    auth_jwks: Path
    consistency_key: str

    @property
    def base_url(self) -> str:
        """The address that clients call."""
        return f"http://{LOOPBACK}:{self.port}"

    def environment(self) -> dict[str, str]:
        """Give the settings of the service, by the names of its configuration."""
        return {
            "ENVIRONMENT": "development",
            "PORT": str(self.port),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "AUTH_JWKS": str(self.auth_jwks),
            "AUTH_ISSUER": ISSUER,
            "AUTH_AUDIENCE": AUDIENCE,
            "CONSISTENCY_KEY": self.consistency_key,
            "PANEL_PER_MILLION": EVERYBODY,
        }


def chosen_port() -> int:
    """Read PORT; 8000 if it is not set."""
    text = os.environ.get("PORT") or DEFAULT_PORT
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise CannotRun(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def folder_of(port: int) -> Path:
    """Name the folder of the copy on one port, whether it is there or not."""
    return PROJECT / ".dev" / str(port)


def state_folder(port: int) -> Path:
    """Give the folder of the copy on one port, readable for nobody else."""
    folder = folder_of(port)
    try:
        folder.parent.mkdir(exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except PermissionError as error:
        raise CannotRun(f"{error.filename} cannot be made by this account ({error.strerror}).") from None
    if folder.stat().st_uid != os.geteuid():
        raise CannotRun(f"{folder} belongs to another account, which has run ./dev here; remove it first.")
    return folder


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the folder against a second start; the kernel lets go of it however this process ends."""
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotRun(
                f"./dev already runs on port {folder.name} (process {lock.read() or '?'}); "
                "stop it, or start another with PORT=<another port> ./dev."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_claimed(folder: Path) -> bool:
    """Tell whether a runner holds the folder now."""
    try:
        with (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


def kept_secrets(folder: Path) -> Secrets:
    """Give the secrets of this folder, drawn on its first start."""
    file = folder / "secrets.json"
    if not file.exists():
        drawn = Secrets(secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(32))
        write_privately(file, asdict(drawn))
    return Secrets(**json.loads(file.read_text()))


def remember(state: DevState) -> None:
    """Leave the settings where ./dev demo and ./dev token find them."""
    write_privately(env_file(state.folder), state.environment())


def forget(folder: Path) -> None:
    """Take the settings away again: nothing runs with them any more."""
    env_file(folder).unlink(missing_ok=True)


def env_file(folder: Path) -> Path:
    """Name the file that is there while a copy runs, and after one that was killed."""
    return folder / "env.json"


def pid_file(folder: Path) -> Path:
    """Name the file in which gunicorn says its process id."""
    return folder / "service.pid"


def find_state() -> DevState:
    """Find the copy that runs on PORT; refuse if there is none."""
    port = chosen_port()
    folder = folder_of(port)
    if not (env_file(folder).exists() and is_claimed(folder)):
        raise CannotRun(f"Nothing runs on port {port} yet: start ./dev in another terminal first.")
    environment = json.loads(env_file(folder).read_text())
    return DevState(
        folder=folder,
        port=port,
        database_url=environment["DATABASE_URL"],
        redis_url=environment["REDIS_URL"],
        auth_jwks=Path(environment["AUTH_JWKS"]),
        consistency_key=environment["CONSISTENCY_KEY"],
    )


def new_state(folder: Path, *, database_url: str, redis_url: str, consistency_key: str) -> DevState:
    """Describe the copy of this folder, with the keys that sign its tokens."""
    return DevState(
        folder=folder,
        port=int(folder.name),
        database_url=database_url,
        redis_url=redis_url,
        auth_jwks=ensure_keys(folder),
        consistency_key=consistency_key,
    )


def write_privately(file: Path, content: dict[str, str]) -> None:
    """Let a JSON file of mode 0600 appear whole."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=2))
    draft.rename(file)
