"""Development keys and tokens: made once, private, and good for the service on the same state folder."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from service.api.auth import Authenticator, Caller, TokenExpired, Unauthenticated
from service.api.jwks import JwksFile
from service.local.keys import AUDIENCE, ISSUER, ensure_keys, make_token


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
