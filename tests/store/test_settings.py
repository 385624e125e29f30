"""Locks: edits of one user queue up, and nobody waits for anybody forever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier, Event

import pytest
from sqlalchemy import Engine, select, update

from service.domain.blocks import NewBlock
from service.domain.feed_rules import FeedRules
from service.store.engine import FOR_EDITS, transaction
from service.store.feed_rules import load_feed_rules
from service.store.settings import PostgresSettings
from service.store.tables import user_state
from service.usecases.edit_blocks import block
from service.usecases.feed_rules import rules_in_hand
from service.usecases.ports import StoreUnavailable
from tests.builders import a_block, a_keyword_filter, parts
from tests.fakes.rules import FakeRules


def at_once(*actions: Callable[[], None]) -> list[BaseException | None]:
    """Run actions in threads of their own; return what each of them raised."""
    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.exception() for future in [pool.submit(action) for action in actions]]


def test_editors_of_one_user_never_lose_each_others_edits(settings: PostgresSettings) -> None:
    def add_ten(editor: int) -> None:
        for number in range(10):
            with settings.edit("ada") as editing:
                added = a_keyword_filter(filter_id=f"{editor}-{number}", revision=editing.head.revision)
                editing.keyword_filters.put(added)

    raised = at_once(*(lambda editor=editor: add_ten(editor) for editor in range(8)))

    with settings.read("ada") as reading:
        revisions = [each.revision for each in reading.keyword_filters.all()]
    assert raised == [None] * 8
    assert sorted(revisions) == list(range(1, 81))


def test_two_people_can_block_each_other_at_the_same_moment(settings: PostgresSettings) -> None:
    def keep_blocking(user_id: str, target_id: str) -> None:
        for _ in range(40):
            with settings.edit(user_id, felt_by=[target_id]) as editing:
                editing.blocks.put(a_block(target_id=target_id))

    raised = at_once(
        lambda: keep_blocking("ada", "bob"),
        lambda: keep_blocking("bob", "ada"),
        lambda: keep_blocking("ada", "cleo"),
        lambda: keep_blocking("cleo", "bob"),
    )

    assert raised == [None] * 4
    assert settings.feed_rules("ada").blocked_by == {"bob": None}
    assert settings.feed_rules("bob").blocked_by == {"ada": None, "cleo": None}


def test_locks_taken_in_the_order_of_asking_would_be_a_deadlock(engine: Engine) -> None:
    settings = PostgresSettings(engine)
    with settings.edit("ada", felt_by=["bob"]):
        pass
    both_hold_one = Barrier(2)

    def lock_own_row_first(user_id: str, target_id: str) -> None:
        with transaction(engine, FOR_EDITS) as connection:
            for each in (user_id, target_id):
                bump = update(user_state).values(version=user_state.c.version + 1)
                connection.execute(bump.where(user_state.c.user_id == each))
                if each == user_id:
                    both_hold_one.wait(timeout=60)

    raised = at_once(lambda: lock_own_row_first("ada", "bob"), lambda: lock_own_row_first("bob", "ada"))

    assert [type(each) for each in raised if each] == [StoreUnavailable]


@pytest.mark.usefixtures("real_patience")
def test_an_edit_that_waits_too_long_for_its_turn_is_told_to_come_back(settings: PostgresSettings) -> None:
    with settings.edit("ada"), pytest.raises(StoreUnavailable), settings.edit("bob", felt_by=["ada"]):
        pytest.fail("the lock was free")  # pragma: no cover


def test_an_edit_of_somebody_else_does_not_wait(settings: PostgresSettings) -> None:
    with settings.edit("ada"), settings.edit("bob") as other:
        assert other.head.revision == 1


def test_an_edit_puts_a_row_into_the_state_of_everybody_who_feels_it_and_nobody_else(
    engine: Engine, settings: PostgresSettings
) -> None:
    with settings.edit("ada", felt_by=["troll"]) as editing:
        editing.blocks.put(a_block(target_id="troll"))
    with settings.edit("eve", felt_by=["bob"]) as editing:
        editing.discard()

    with engine.connect() as connection:
        assert set(connection.scalars(select(user_state.c.user_id))) == {"ada", "troll"}


def test_history_begins_anew_for_somebody_whose_account_comes_back(
    engine: Engine, settings: PostgresSettings
) -> None:
    with settings.edit("ada") as before:
        pass
    with engine.begin() as connection:
        connection.execute(user_state.delete())
    with settings.edit("ada") as after:
        pass

    assert after.head.version.number == before.head.version.number == 1
    assert after.head.version.epoch > before.head.version.epoch


def test_a_reading_cannot_be_written_to(settings: PostgresSettings) -> None:
    with pytest.raises(StoreUnavailable), settings.read("ada") as reading:
        reading.keyword_filters.put(a_keyword_filter())


def test_who_may_fill_the_cache_never_fills_it_from_a_reading_that_began_before(
    settings: PostgresSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit takes the first reader's lease away, a flush the sign that it did; the second then gets a lease too."""
    rules = FakeRules()
    with_store = parts(settings=settings, rules=rules)
    reading, going_on = Event(), Event()

    def slowly(engine: Engine, user_id: str) -> FeedRules:
        loaded = load_feed_rules(engine, user_id)
        if not reading.is_set():
            reading.set()
            assert going_on.wait(10)
        return loaded

    monkeypatch.setattr("service.store.settings.load_feed_rules", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(rules_in_hand, with_store, "ada", tuple)
        assert reading.wait(10)
        blocked = block(with_store, "ada", NewBlock("eve"))
        rules.forget_everything()
        second = pool.submit(rules_in_hand, with_store, "ada", tuple)
        wait([second], timeout=0.3)
        going_on.set()
        first.result()
        second.result()

    kept = rules.get("ada")
    assert kept is None or kept.rules.version == blocked.head.version
