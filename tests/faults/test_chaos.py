"""`./dev chaos` breaks what it says, shows it, and mends it."""

import re

import pytest

from service.local import chaos
from service.local.errors import CannotRun
from tests.faults.conftest import Breakable
from tests.waiting import eventually

LINE = re.compile(r"feed (\S+) in \d+ ms: (.*?) \| with token (\S+).*\| block (\S+)")
DECIDED = "1 hide, 1 keep"


@pytest.fixture
def copy(healthy: Breakable, monkeypatch: pytest.MonkeyPatch) -> Breakable:
    """The copy that runs, found, and watched for no longer than it takes."""
    monkeypatch.setattr(chaos, "find_state", lambda: healthy.deployment.state)
    monkeypatch.setattr(chaos, "BEFORE_SECONDS", 0.01)
    monkeypatch.setattr(chaos, "AFTERWARDS_SECONDS", 0.01)
    return healthy


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        ("redis-flush", ("200", DECIDED, "200", "201")),
        ("postgres-slow", ("200", DECIDED, "200", "503")),
    ],
)
def test_callers_are_shown_what_a_fault_does_and_then_that_it_is_over(
    copy: Breakable, capsys: pytest.CaptureFixture[str], fault: str, broken: tuple[str, ...]
) -> None:
    def is_shown() -> bool:
        """Tell; on a busy machine a line may also show a server that did not answer in time."""
        assert chaos.main([fault, "1"]) == 0
        said = capsys.readouterr().out
        before, during, after = (answers(said, when) for when in ("before", fault, "after"))
        return set(before + after) == {("200", DECIDED, "200", "201")} and broken in during

    eventually(is_shown)


def answers(said: str, when: str) -> list[tuple[str | None, ...]]:
    """Return what was answered before, during or after a fault, a line each."""
    lines = [line for line in said.splitlines() if line.startswith(f"{when} ")]
    return [match.groups() for line in lines if (match := LINE.search(line))]


def test_a_killed_worker_is_another_one_afterwards(copy: Breakable) -> None:
    before = set(chaos.workers_of(copy.deployment.state))

    chaos.main(["worker-kill", "1"])

    assert before
    eventually(lambda: bool(before - set(chaos.workers_of(copy.deployment.state))))


def test_servers_that_dev_did_not_start_are_not_stopped(copy: Breakable) -> None:
    with pytest.raises(CannotRun, match="did not start"):
        chaos.main(["redis-down", "1"])


@pytest.mark.parametrize("seconds", ["0", "301", "soon"])
def test_chaos_is_bounded(copy: Breakable, seconds: str) -> None:
    with pytest.raises(SystemExit):
        chaos.main(["redis-flush", seconds])
