"""`./dev chaos` breaks what it says, shows it, and mends it."""

import re

import pytest

from service.local import chaos
from service.local.errors import CannotRun
from tests.faults.conftest import Breakable

LINE = re.compile(r"feed (\S+).*\| with token (\S+).*\| block (\S+)")


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
        ("redis-flush", ("200", "200", "201")),
        ("postgres-slow", ("200", "200", "503")),
    ],
)
def test_callers_are_shown_what_a_fault_does_and_then_that_it_is_over(
    copy: Breakable, capsys: pytest.CaptureFixture[str], fault: str, broken: tuple[str, ...]
) -> None:
    assert chaos.main([fault, "1"]) == 0

    said = capsys.readouterr().out
    before, during, after = [
        [
            match.groups()
            for line in said.splitlines()
            if line.startswith(f"{when} ") and (match := LINE.search(line))
        ]
        for when in ("before", fault, "after")
    ]
    assert set(before + after) == {("200", "200", "201")}
    assert broken in during


def test_a_killed_worker_is_another_one_afterwards(copy: Breakable) -> None:
    before = set(chaos.workers_of(copy.deployment.state))

    chaos.main(["worker-kill", "1"])

    assert before
    assert before - set(chaos.workers_of(copy.deployment.state))


def test_servers_that_dev_did_not_start_are_not_stopped(copy: Breakable) -> None:
    with pytest.raises(CannotRun, match="did not start"):
        chaos.main(["redis-down", "1"])


@pytest.mark.parametrize("seconds", ["0", "301", "soon"])
def test_chaos_is_bounded(copy: Breakable, seconds: str) -> None:
    with pytest.raises(SystemExit):
        chaos.main(["redis-flush", seconds])
