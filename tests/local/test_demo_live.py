"""The demo on the service itself: over HTTP, with a real PostgreSQL and Redis behind it."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from service.app import create_app
from service.config import Config
from service.local import demo
from service.local.demo_calls import FeedAnswer, Service, read
from service.local.demo_data import load, posts
from service.local.keys import AUDIENCE, ISSUER, ensure_keys, make_token
from service.local.state import DevState
from tests.servers import patient


@pytest.fixture
def running(clean_database: str, clean_redis: str, tmp_path: Path) -> Iterator[DevState]:
    jwks = ensure_keys(tmp_path)
    app = create_app(
        Config(
            database_url=clean_database,
            redis_url=patient(clean_redis),
            auth_jwks=str(jwks),
            auth_issuer=ISSUER,
            auth_audience=AUDIENCE,
            consistency_key=bytes(range(32)),
            development=True,
        )
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield DevState(
        folder=tmp_path,
        port=server.port,
        database_url=clean_database,
        redis_url=clean_redis,
        auth_jwks=jwks,
        consistency_key="",
    )
    server.shutdown()
    serving.join()
    server.server_close()
    app.extensions["servers"].engine.dispose()


def service_for(state: DevState, subject: str, *scopes: str) -> Service:
    token = make_token(state.folder, subject=subject, scopes=scopes, lifetime=timedelta(minutes=5))
    return Service(state.base_url, token)


def outcomes(state: DevState, viewer_id: str) -> dict[str, str]:
    asked = {"viewer_id": viewer_id, "surface": "for_you", "candidates": posts()}
    answered = service_for(state, "feed", "feed:filter").call("POST", "/v1/feed/filter", asked)
    return {decision.id: decision.outcome for decision in read(answered, FeedAnswer).decisions}


def test_the_story_plays_on_the_service(
    running: DevState, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "find_state", lambda: running)

    code = demo.main(["--plain"])

    story = capsys.readouterr().out
    assert code == 0
    for hit in ("[Glass Harbor]'ın finalini", "مسلسل [الميناء الزجاجي] كسرت", "[ガラスの港]、最終回"):
        assert hit in story
    assert "✓ English     sam_explains        Restoring a fiberglass harbor boat" in story
    for part in ("author", "reposter", "quoted", "mentioned", "replied to"):
        assert f" {part} " in story[story.index("He was:") :]
    assert "Her receipt: item p07 hidden; topic crypto ×0.5." in story
    for fate in ("✗ refuse", "‖ hold", "✓ allow"):
        assert fate in story


def test_the_settings_of_the_demo_users_are_loaded_once(running: DevState) -> None:
    def token_for(user: str) -> str:
        return make_token(running.folder, subject=user, scopes=["settings"], lifetime=timedelta(minutes=5))

    load(running.base_url, token_for)
    first = service_for(running, "mia", "settings").call("GET", "/v1/me/settings").body
    load(running.base_url, token_for)

    assert service_for(running, "mia", "settings").call("GET", "/v1/me/settings").body == first
    of_mia, of_omar = outcomes(running, "mia"), outcomes(running, "omar")
    assert of_mia["p04"] == "hide"
    assert of_mia["p29"] == "warn"
    assert of_omar["p07"] == "hide"
    assert of_omar["p75"] == "downrank"
    assert {of_mia["p01"], of_omar["p01"]} == {"keep"}


def test_a_file_of_ones_own_is_decided_by_the_service(
    running: DevState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "find_state", lambda: running)
    service_for(running, "kim", "settings").call("POST", "/v1/me/keyword-filters", {"terms": ["pineapple"]})
    file = tmp_path / "posts.jsonl"
    file.write_text(
        '{"id": "p1", "author_id": "a", "caption": "Pineapple pizza"}\n{"id": "p2", "author_id": "b"}\n'
    )

    code = demo.main(["--candidates", str(file), "--viewer", "kim", "--slots", "3"])

    printed = capsys.readouterr().out
    assert code == 0
    assert "[Pineapple] pizza" in printed
    assert "1 hide, 1 keep; 2 more needed to fill the slots" in printed


def test_a_line_that_the_service_cannot_use_is_named_and_nothing_is_printed(
    running: DevState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "find_state", lambda: running)
    file = tmp_path / "posts.jsonl"
    file.write_text('{"id": "p1", "author_id": "a"}\n\n{"id": "p2", "author_id": "b", "hashtags": "cats"}\n')

    code = demo.main(["--candidates", str(file)])

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert "line 3: hashtags: Expected `array`, got `str`" in printed.err
