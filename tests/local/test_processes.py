"""No child process outlives the program that started it, however that program ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.local.errors import ServerDidNotStart
from service.local.processes import GuardedProcess
from tests.local.process_table import descendants, running, still_running
from tests.servers import PROJECT

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
STARTS_A_SERVER = """
import os, signal, sys, time
from pathlib import Path
from service.local.processes import GuardedProcess

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup, if tests run under it, would be inherited
folder = Path(sys.argv[1])
server = GuardedProcess("server", log=folder / "log", throw_away=folder / "throw away")
server.start(["sleep", "600"], dict(os.environ), folder)
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a space in its path."""
    folder = tmp_path / "a folder"
    (folder / "throw away").mkdir(parents=True)
    return folder


def guarded(folder: Path, grace_seconds: float = 10) -> GuardedProcess:
    return GuardedProcess(
        "server", log=folder / "log", grace_seconds=grace_seconds, throw_away=folder / "throw away"
    )


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_server_ends_with_the_program_that_started_it(folder: Path, blow: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_A_SERVER, folder], stdout=subprocess.PIPE, cwd=PROJECT
    ) as starter:
        assert starter.stdout
        starter.stdout.readline()
        children = descendants(starter.pid)

        starter.send_signal(blow)

    assert len(children) == 2  # the guard and the server
    assert not still_running(children)
    assert not (folder / "throw away").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_server_ends_with_its_guard(folder: Path) -> None:
    server = guarded(folder)
    server.start(["sleep", "600"], dict(os.environ), folder)
    guard = next(process.parent for process in running() if process.pid == server.pid)

    os.kill(guard, signal.SIGKILL)

    assert not still_running([server.pid])
    server.stop()


def test_a_server_that_ignores_the_request_to_stop_is_ended_all_the_same(folder: Path) -> None:
    server = guarded(folder, grace_seconds=0.1)
    server.start([sys.executable, "-c", DEAF], dict(os.environ), folder)
    while not server.log.read_text():
        assert server.is_running()

    server.stop()

    assert not still_running([server.pid])


def test_a_server_that_is_stopped_keeps_its_folder(folder: Path) -> None:
    server = guarded(folder)
    server.start(["sleep", "600"], dict(os.environ), folder)

    server.stop()

    assert (folder / "throw away").exists()
    assert not server.is_running()


def test_a_program_that_ends_by_itself_is_noticed_with_its_status(folder: Path) -> None:
    server = guarded(folder)
    server.start(["sh", "-c", "echo last words; exit 7"], dict(os.environ), folder)

    assert server.wait() == 7
    assert not server.is_running()
    assert server.log.read_text() == "last words\n"
    server.stop()


def test_a_killed_server_starts_again(folder: Path) -> None:
    server = guarded(folder)
    server.start(["sleep", "600"], dict(os.environ), folder)
    first = server.pid
    server.kill()

    server.start(["sleep", "600"], dict(os.environ), folder)

    assert server.is_running()
    assert server.pid != first
    server.stop()


def test_a_program_that_is_not_there_is_a_sentence_with_the_log(folder: Path) -> None:
    with pytest.raises(ServerDidNotStart, match=r"server did not start(?s:.)*no-such-program"):
        guarded(folder).start(["no-such-program"], dict(os.environ), folder)
