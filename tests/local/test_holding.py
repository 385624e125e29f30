"""What ./dev keeps stopped for a while comes back, also when nobody asks for it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from service.local import parts
from service.local.holding import held_parts, hold, release
from service.local.parts import keep_running


class Watched:
    """A part that only notes what happens to it."""

    def __init__(self, name: str) -> None:
        self.name, self.log = name, Path("nowhere")
        self.running, self.noted = True, list[str]()

    def start(self) -> None:
        """Run from now on."""
        self.running = True
        self.noted.append("start")

    def stop(self) -> None:
        """Run no more."""
        self.running = False
        self.noted.append("stop")

    def is_running(self) -> bool:
        """Tell."""
        return self.running


class EnoughError(Exception):
    """The test has seen enough."""


def test_a_held_part_is_stopped_once_and_started_again_and_no_other_is_touched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "LOOK_SECONDS", 0)
    monkeypatch.setattr(parts, "RESTARTS", 0)
    server, other = Watched("Valkey"), Watched("relay")
    looks = iter([(), ("Valkey",), ("Valkey",), ("Valkey",), (), ()])

    def held() -> tuple[str, ...]:
        for names in looks:
            return names
        raise EnoughError

    with pytest.raises(EnoughError):
        keep_running([server, other], lambda _: None, held)

    assert (server.noted, other.noted) == (["stop", "start"], [])


def test_a_hold_ends_by_itself_or_when_it_is_released(tmp_path: Path) -> None:
    assert held_parts(tmp_path) == set()

    with time_machine.travel(datetime(2026, 11, 22, tzinfo=UTC), tick=False) as clock:
        hold(tmp_path, ["Valkey"], 20)
        assert held_parts(tmp_path) == {"Valkey"}
        clock.shift(20)
        assert held_parts(tmp_path) == set()

    hold(tmp_path, ["Valkey", "PostgreSQL"], 60)
    assert held_parts(tmp_path) == {"Valkey", "PostgreSQL"}
    release(tmp_path)
    assert held_parts(tmp_path) == set()
