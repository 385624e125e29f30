"""Development keys and tokens: made once, private, and good for the service on the same state folder."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from service.api.auth import Authenticator, Caller, TokenExpired, Unauthenticated
from service.api.jwks import JwksFile
from service.local.keys import AUDIENCE, ISSUER, default_state, ensure_keys, main, make_token


def who_holds(token: str, state: Path) -> Caller:
    service = Authenticator(JwksFile(ensure_keys(state)), issuer=ISSUER, audience=AUDIENCE)
    return service.caller(f"Bearer {token}")


def a_token(state: Path, lifetime: timedelta = timedelta(hours=1)) -> str:
    return make_token(state, subject="alice", scopes={"settings"}, lifetime=lifetime)


def test_the_service_on_a_state_folder_accepts_a_token_made_there(tmp_path: Path) -> None:
    state = tmp_path / "a folder with a space" / "8000"

    token = make_token(
        state, subject="feed", scopes=["feed:filter", "filter:explain"], lifetime=timedelta(hours=1)
    )

    assert who_holds(token, state) == Caller("feed", frozenset({"feed:filter", "filter:explain"}))


def test_another_copy_of_the_service_does_not_accept_it(tmp_path: Path) -> None:
    token = a_token(tmp_path / "8000")

    with pytest.raises(Unauthenticated):
        who_holds(token, tmp_path / "8001")


def test_a_second_start_finds_the_same_keys(tmp_path: Path) -> None:
    token = a_token(tmp_path)
    before = ensure_keys(tmp_path).read_bytes()

    assert ensure_keys(tmp_path).read_bytes() == before
    assert who_holds(token, tmp_path).subject == "alice"


def test_a_lost_key_set_is_written_again_from_the_private_key(tmp_path: Path) -> None:
    token = a_token(tmp_path)
    ensure_keys(tmp_path).unlink()

    assert who_holds(token, tmp_path).subject == "alice"


def test_nobody_else_can_read_the_private_key_and_no_draft_is_left(tmp_path: Path) -> None:
    jwks = ensure_keys(tmp_path)

    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in jwks.parent.iterdir()}

    assert files == {"signing-key.pem": 0o600, "jwks.json": 0o600}
    assert stat.S_IMODE(jwks.parent.stat().st_mode) == 0o700
    assert b'"d"' not in jwks.read_bytes()


def test_of_two_starts_at_once_the_first_key_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ensure_keys(tmp_path).read_bytes()
    monkeypatch.setattr(Path, "exists", lambda _: False)  # the other one looked before the files were there

    assert ensure_keys(tmp_path).read_bytes() == first
    assert len(list((tmp_path / "keys").iterdir())) == 2


def test_a_lifetime_ends(tmp_path: Path) -> None:
    token = a_token(tmp_path, lifetime=timedelta(hours=-1))

    with pytest.raises(TokenExpired):
        who_holds(token, tmp_path)


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


def test_the_state_folder_follows_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")

    assert default_state().parts[-2:] == (".dev", "8123")
