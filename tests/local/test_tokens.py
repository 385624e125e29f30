"""``./dev token`` on the command line."""

from pathlib import Path

import pytest

from service.api.auth import Caller
from service.local.__main__ import main as starter
from service.local.state import chosen_port, folder_of
from service.local.tokens import main
from tests.local.test_keys import who_holds


@pytest.mark.parametrize(
    ("arguments", "holder"),
    [
        ("--user alice", Caller("alice", frozenset({"settings"}))),
        ("--user ana --scope insights:read", Caller("ana", frozenset({"settings", "insights:read"}))),
        ("--service feed --scope feed:filter", Caller("feed", frozenset({"feed:filter"}))),
        (
            "--service feed --scope feed:filter --scope filter:explain --lifetime 90s",
            Caller("feed", frozenset({"feed:filter", "filter:explain"})),
        ),
    ],
)
def test_the_command_prints_the_token_alone(
    arguments: str, holder: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments.split(), "--state", str(tmp_path)]) == 0

    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.count("\n") == 1
    assert who_holds(printed.out.strip(), tmp_path) == holder


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "required"),
        (["--user", "alice", "--service", "feed"], "not allowed with"),
        (["--service", "feed"], "at least one --scope"),
        (["--service", "feed", "--scope", "feed:flter"], "invalid choice"),
        (["--user", ""], "1 to 128 printable characters"),
        (["--user", "a\nb"], "1 to 128 printable characters"),
        (["--user", "alice", "--lifetime", "soon"], "s, m, h, d"),
        (["--user", "alice", "--lifetime", "0s"], "from 1 to 9999"),
    ],
)
def test_a_slip_on_the_command_line_is_explained_and_prints_no_token(
    arguments: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*arguments, "--state", str(tmp_path)])

    printed = capsys.readouterr()
    assert complaint in printed.err
    assert printed.out == ""


def test_where_nothing_can_be_written_a_sentence_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a-file").touch()

    assert starter(["token", "--user", "alice", "--state", str(tmp_path / "a-file" / "8000")]) == 1
    assert "./dev cannot write" in capsys.readouterr().err


def test_the_state_folder_follows_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")

    assert folder_of(chosen_port()).parts[-2:] == (".dev", "8123")
