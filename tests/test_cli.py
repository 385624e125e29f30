"""Commands for operators, on real servers."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from service.app import now
from service.cache.client import ForgivingRedis, make_client
from service.cache.rules import RedisRules
from service.cli import main
from service.domain.blocks import NewBlock
from service.domain.consistency import Change
from service.domain.mutes import MuteTarget, MuteType, NewMute
from service.store.engine import make_engine
from service.store.outbox import relay_once
from service.store.settings import PostgresSettings
from service.store.user_state import restart_histories
from service.usecases.edit_blocks import block
from service.usecases.edit_mutes import mute
from service.usecases.feed_rules import rules_in_hand
from tests.builders import a_keyword_filter, a_mute, parts


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


@pytest.mark.parametrize("command", ["migrate", "forget-expired", "restart-histories", "roll-up"])
def test_a_command_without_its_database_says_so_in_a_line(
    command: str, configured: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:secret@127.0.0.1:1/nowhere")

    status = main([command])

    told = capsys.readouterr().err
    assert (status, told.count("\n")) == (1, 1)
    assert "127.0.0.1" in told
    assert "secret" not in told


def test_a_command_that_needs_redis_says_in_a_line_that_it_is_gone(
    configured: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")

    assert main(["take-tallies"]) == 1
    assert capsys.readouterr().err == "Not finished: Redis could not list tallies.\n"


def test_nobody_is_erased_where_one_of_the_ids_is_none(
    configured: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["erase-user", "ada", ""])

    assert ended.value.code == 2
    assert "1 to" in capsys.readouterr().err
    engine = make_engine(configured)
    assert rows(engine, "user_state") == 0
    engine.dispose()


@pytest.mark.parametrize("is_restarted", [True, False])
def test_after_a_restore_a_block_counts_only_once_histories_are_restarted(
    configured: str, clean_redis: str, *, is_restarted: bool
) -> None:
    engine, rules = make_engine(configured), RedisRules(ForgivingRedis(make_client(clean_redis)))
    with_servers = parts(settings=PostgresSettings(engine), rules=rules)
    for topic in ("one", "two", "three"):
        mute(with_servers, "ada", NewMute(MuteTarget(MuteType.TOPIC, topic)))
    rules_in_hand(with_servers, "ada", tuple)
    with engine.begin() as connection:  # as a backup from before the second edit would have it
        connection.execute(text("UPDATE user_state SET revision = 1, version = 1"))
        connection.execute(text("DELETE FROM mutes WHERE id <> 'one'"))

    if is_restarted:
        assert main(["restart-histories"]) == 0
    blocked = block(with_servers, "ada", NewBlock("eve"))
    in_hand = rules_in_hand(with_servers, "ada", tuple, at_least=blocked.head.version)

    assert in_hand.ready is not None
    assert ("eve" in in_hand.ready.rules.blocks) is is_restarted
    engine.dispose()
    rules.close()


def test_restarting_histories_takes_what_is_cached_out_of_the_way(configured: str) -> None:
    engine = make_engine(configured)
    settings = PostgresSettings(engine)
    for user_id in ("ada", "bob", "eve"):
        with settings.edit(user_id):
            pass
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox"))
        rows_before = connection.execute(text("SELECT user_id, epoch FROM user_state"))
        before: dict[str, int] = {row.user_id: row.epoch for row in rows_before}
    told: list[Change] = []

    assert restart_histories(engine, at_once=2) == 3
    relay_once(engine, told.extend)

    assert sorted(each.user_id for each in told) == ["ada", "bob", "eve"]
    assert all(each.version.epoch > before[each.user_id] and each.version.number == 1 for each in told)
    engine.dispose()
