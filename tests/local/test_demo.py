"""The command ./dev demo: what it prints where, and how it ends."""

import socket
from pathlib import Path

import pytest

from service.local import demo
from service.local.errors import CannotRun
from service.local.state import new_state


@pytest.fixture
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        folder = tmp_path / str(free.getsockname()[1])
    folder.mkdir()
    state = new_state(folder, database_url="", redis_url="", consistency_key="")
    monkeypatch.setattr(demo, "find_state", lambda: state)


@pytest.mark.usefixtures("nothing_runs")
def test_without_a_running_service_the_demo_says_how_to_start_one() -> None:
    with pytest.raises(CannotRun, match=r"Start the service with \./dev"):
        demo.main([])


def test_bad_lines_end_with_2_before_anything_is_asked_or_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_text('{"id": "p1", "author_id": "a"}\nnot json\n')

    code = demo.main(["--candidates", str(file)])

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert "line 2: not JSON" in printed.err


@pytest.mark.parametrize(
    "argv",
    [
        ["--candidates", "no-such-file"],
        ["--slots", "-1"],
        ["--slots", "many"],
        ["--people", "crowds"],
        ["--traffic", "--people", "0"],
        ["--people", "5"],
        ["--viewer", "kim"],
        ["--traffic", "--candidates", __file__],
        ["--traffic", "--slots", "3"],
        ["--unknown"],
    ],
)
def test_arguments_that_make_no_sense_end_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        demo.main(argv)

    assert ended.value.code == 2
    assert "./dev demo: error:" in capsys.readouterr().err
