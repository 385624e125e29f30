"""Copies of the service on one machine keep out of each other's way, and are found by the commands that need them."""

import os
import socket
from pathlib import Path

import pytest

from service.local import state as states
from service.local.errors import CannotRun
from service.local.processes import LOOPBACK
from service.local.running import require_free_port
from service.local.state import (
    DevState,
    chosen_port,
    claimed,
    find_state,
    forget,
    kept_secrets,
    remember,
    state_folder,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder of port 8123 in a project of its own."""
    monkeypatch.setattr(states, "PROJECT", tmp_path)
    monkeypatch.setenv("PORT", "8123")
    return state_folder(8123)


@pytest.fixture
def state(folder: Path) -> DevState:
    """A copy as its runner describes it."""
    return DevState(
        folder, 8123, "postgresql://host/database", "redis://host", folder / "jwks.json", "ab" * 32
    )


def test_a_second_start_on_the_same_port_is_told_who_runs_there(folder: Path) -> None:
    with (
        claimed(folder),
        pytest.raises(CannotRun, match=rf"already runs on port 8123 \(process {os.getpid()}\)"),
        claimed(folder),
    ):
        pass


def test_a_copy_that_ended_leaves_its_port_to_the_next(folder: Path) -> None:
    with claimed(folder):
        pass
    with claimed(folder):
        pass


def test_the_running_copy_is_found_with_its_settings(folder: Path, state: DevState) -> None:
    with claimed(folder):
        remember(state)

        assert find_state() == state


def test_a_copy_that_was_killed_is_not_taken_for_a_running_one(state: DevState) -> None:
    remember(state)

    with pytest.raises(CannotRun, match="Nothing runs on port 8123 yet"):
        find_state()


def test_a_copy_that_is_still_starting_is_not_taken_for_a_running_one(folder: Path, state: DevState) -> None:
    remember(state)
    forget(folder)

    with claimed(folder), pytest.raises(CannotRun, match="Nothing runs on port 8123 yet"):
        find_state()


def test_secrets_are_drawn_once_and_for_our_eyes_only(folder: Path) -> None:
    first = kept_secrets(folder)

    assert kept_secrets(folder) == first
    assert len({first.postgres_password, first.valkey_password, first.consistency_key}) == 3
    assert [file.name for file in folder.iterdir() if file.stat().st_mode & 0o077] == []
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "٨٠٠٠"])
def test_a_port_that_is_none_is_a_sentence(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)

    with pytest.raises(CannotRun, match="it must be a number from 1 to 65535"):
        chosen_port()


def test_a_port_that_another_program_uses_is_a_sentence() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotRun, match=f"Another program uses port {port}"):
            require_free_port(port, was_killed=False)
