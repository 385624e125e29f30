"""Which account and which folder a server gets: PostgreSQL refuses to run as root."""

import hashlib
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from service.local.errors import CannotRun

ROOT = 0
PLAIN_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}  # no PG* variable of the caller's
SHARED_ROOM = Path("/var/tmp")  # the one place every account can reach and a restart does not empty


@dataclass(frozen=True, slots=True)
class Account:
    """An account of this machine that a server can run as."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """Who PostgreSQL runs as: `nobody` for root, and for everybody else (None) simply themselves."""
    if os.geteuid() != ROOT:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotRun(
            "PostgreSQL refuses to run as root, and this machine has no account `nobody`."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def server_room(project: Path) -> Path:
    """Give the folder under which servers keep their files, reachable for the account they run as.

    An ordinary user's servers live in the project. Root's do not: `nobody` can rarely enter root's projects,
    so they get a folder under /var/tmp named after the project.
    """
    if os.geteuid() != ROOT:
        room = project / ".dev"
        room.mkdir(exist_ok=True)
        return room
    name = hashlib.sha256(os.fsencode(project.resolve())).hexdigest()[:12]
    room = SHARED_ROOM / f"safety-controls-{name}"
    room.mkdir(mode=0o711, exist_ok=True)
    require_own(room)
    return room


def require_own(folder: Path) -> None:
    """Refuse a folder that somebody else put, or could change, in a place where everybody may write."""
    found = folder.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022
    if not ours:
        raise CannotRun(f"{folder} is not a folder of this account alone; remove it and start again.")


def give(path: Path, account: Account | None) -> None:
    """Make the account the owner of one file or folder."""
    if account:
        os.chown(path, account.uid, account.gid)


def can_run(program: Path, account: Account | None) -> bool:
    """Tell whether an account can reach a program and its libraries, by letting it say its version."""
    try:
        answer = subprocess.run(
            [program, "--version"],
            cwd="/",
            env=PLAIN_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=() if account else None,
        )
    except OSError:
        return False
    return answer.returncode == 0
