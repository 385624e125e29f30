"""Commands for operators, on real servers."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from service.app import now
from service.cli import main
from service.store.engine import make_engine
from service.store.settings import PostgresSettings
from tests.builders import a_keyword_filter, a_mute


@pytest.fixture
def configured(clean_database: str, clean_redis: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An environment that is complete; gives the database's address."""
    environment = {
        "DATABASE_URL": clean_database,
        "REDIS_URL": clean_redis,
        "AUTH_JWKS": "keys.json",
        "AUTH_ISSUER": "https://id.example",
        "AUTH_AUDIENCE": "safety-controls",
        "CONSISTENCY_KEY": "01" * 32,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("service.cli.configure_logs", lambda **_: None)
    return clean_database


def rows(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_erase_user_erases_whom_it_is_told_to(configured: str, capsys: pytest.CaptureFixture[str]) -> None:
    engine = make_engine(configured)
    settings = PostgresSettings(engine)
    for user_id in ("ada", "bob", "eve"):
        with settings.edit(user_id) as editing:
            editing.keyword_filters.put(a_keyword_filter())

    status = main(["erase-user", "ada", "bob"])

    assert (status, len(capsys.readouterr().out.splitlines())) == (0, 2)
    assert rows(engine, "keyword_filters") == 1
    engine.dispose()


def test_forget_expired_deletes_only_what_is_past_its_time(
    configured: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = make_engine(configured)
    settings = PostgresSettings(engine)
    with settings.edit("ada") as editing:
        for name in ("old", "new"):
            editing.mutes.put(a_mute(id=name))
            editing.mutes.remove(a_mute(id=name).target)
    with engine.begin() as connection:
        long_ago = {"then": now() - timedelta(days=93)}
        connection.execute(text("UPDATE tombstones SET deleted_at = :then WHERE id LIKE '%old'"), long_ago)

    status = main(["forget-expired"])

    assert (status, capsys.readouterr().out) == (0, "forgot 0 answers, 1 tombstones, 0 others\n")
    assert rows(engine, "tombstones") == 1
    engine.dispose()


def test_a_command_says_what_the_environment_lacks(
    configured: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("REDIS_URL")

    assert main(["erase-user", "ada"]) == 2
    assert "REDIS_URL" in capsys.readouterr().err
