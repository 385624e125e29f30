"""The same noun has the same file name on every floor."""

from pathlib import Path

import pytest

from tests.house.source import PROJECT

SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "core", "models", "services"}
DECISIONS = {"feed": "usecases/filter_feed.py", "comments": "usecases/check_comments.py"}
MOVES = {"exports": "usecases/move_settings.py"}
REPORTS = {"events": "usecases/accept_events.py"}
READ_ONLY = {
    "settings": "usecases/read_settings.py",
    "changes": "usecases/read_changes.py",
    "insights": "usecases/read_insights.py",
}
ON_RECORD = {"staff_reads": "usecases/read_as_staff.py"}
WHOLE = {"erasure": "usecases/erase_user.py"}
SERVICE = PROJECT / "service"


def nouns() -> set[str]:
    """Return the nouns of the API: those that have shapes."""
    return {path.stem for path in (SERVICE / "api" / "schemas").glob("*.py")} - {"__init__", "everywhere"}


def floors_of(noun: str) -> list[str]:
    """Return where a noun has to have a room."""
    rooms = [f"service/api/{noun}.py", f"tests/api/test_{noun}.py"]
    without_store = DECISIONS | MOVES
    if noun in without_store:
        return [*rooms, f"service/domain/{noun}.py", f"service/{without_store[noun]}"]
    if story := (REPORTS | ON_RECORD).get(noun):
        return [*rooms, f"service/domain/{noun}.py", f"service/store/{noun}.py", f"service/{story}"]
    if story := (READ_ONLY | WHOLE).get(noun):
        return [*rooms, f"service/store/{noun}.py", f"service/{story}"]
    return [
        *rooms,
        f"service/domain/{noun}.py",
        f"service/store/{noun}.py",
        f"service/usecases/edit_{noun}.py",
    ]


def is_there(room: Path) -> bool:
    """Tell whether there is such a file, or a package of that name, or in the domain a file within a package."""
    packaged = room.parent.name == "domain" and any(room.parent.glob(f"*/{room.name}"))
    return room.is_file() or (room.with_suffix("") / "__init__.py").is_file() or packaged


@pytest.mark.parametrize("noun", sorted(nouns()))
def test_a_noun_has_its_room_on_every_floor(noun: str) -> None:
    assert [room for room in floors_of(noun) if not is_there(PROJECT / room)] == []


def test_there_are_nouns() -> None:
    assert {"blocks", "mutes", "keyword_filters"} <= nouns()


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    found = [path for folder in ("service", "tests", "load_tests") for path in (PROJECT / folder).rglob("*")]

    assert [str(path) for path in found if path.stem in SAY_NOTHING] == []
