"""From an edit to a cell that analysts read, and what stays unreadable on the way."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import Engine, text

from load_tests.golden.planting import post, visit
from service.app import Servers, create_app
from service.domain.events import Event, EventKind
from service.domain.insights import CellState
from service.domain.market_days import Grain, Window, closes_at
from service.domain.measures import Measure
from service.domain.pseudonyms import EPOCH_DAYS, epoch_of
from service.domain.segments import LANGUAGES, Control, Dimension, Segment
from service.jobs import run_close_days, run_forget_people, run_take_tallies
from service.store.closing import PostgresClosing
from service.store.insights import CELLS_PER_PERSON, tallied
from service.store.locks import only_one
from service.store.pseudonyms import living
from service.usecases.close_days import restate_days
from service.usecases.edit_keyword_filters import add_keyword_filter, remove_keyword_filter
from service.usecases.erase_user import erase_user
from service.usecases.roll_up import forget_people
from tests.builders import a_new_keyword_filter
from tests.insights.counting import MONDAY, NOON, Counting
from tests.insights.town import Town
from tests.servers import end_connections


def make_filters(
    counting: Counting, people: int, *, undone: int = 0, language: str = "de", at: datetime = NOON
) -> None:
    segment = Segment(market="DE", language=language, platform="ios", age_band="adult")
    for number in range(people):
        user_id = f"{language}-{number}"
        add_keyword_filter(
            counting.parts(now=at, segment=segment), user_id, a_new_keyword_filter(filter_id="f")
        )
        if number < undone:
            later = counting.parts(now=at + timedelta(hours=3), segment=segment)
            remove_keyword_filter(later, user_id, "f")


def test_edits_end_as_a_cell_that_tells_rounded_numbers(counting: Counting) -> None:
    make_filters(counting, 63, undone=8)

    assert counting.count_all() == 71
    assert counting.close() == 1
    (cell,) = counting.cells("undo")
    assert (cell.control, cell.state) == ("keyword_filter", CellState.SHOWN)
    assert (cell.numerator, cell.denominator, cell.value, cell.people) == (10, 60, 17.0, "50-99")


def test_few_people_end_as_a_cell_without_a_number(counting: Counting) -> None:
    make_filters(counting, 60, undone=6)
    make_filters(counting, 7, undone=1, language="ja")
    make_filters(counting, 9, undone=1, language="hi")
    counting.count_all()
    counting.close()

    by_language = {cell.dims[0][1]: cell for cell in counting.cells("undo", by=Dimension.LANGUAGE)}
    assert by_language["ja"].state is by_language["hi"].state is CellState.WITHHELD
    assert by_language["ja"].people is None


def test_an_edit_that_is_not_kept_is_not_counted(counting: Counting) -> None:
    with counting.settings.edit("ada") as settings:
        settings.discard()

    assert counting.events.count_once().taken == 0


def test_a_day_closes_once_whoever_asks_how_often(counting: Counting) -> None:
    make_filters(counting, 60)
    counting.count_all()

    assert [counting.close(), counting.close()] == [1, 0]


def test_a_day_with_something_uncounted_stays_open(counting: Counting) -> None:
    make_filters(counting, 60)
    counting.count_all()
    make_filters(counting, 1, language="ja")

    assert counting.close() == 0


def test_what_comes_late_never_alters_a_closed_day(counting: Counting) -> None:
    make_filters(counting, 60)
    counting.count_all()
    counting.close()
    before = counting.cells("undo")

    make_filters(counting, 40, undone=40, language="ja")
    counting.count_all()
    counting.close()

    assert counting.cells("undo") == before


def test_nothing_that_is_kept_for_counting_holds_an_id_or_a_phrase(counting: Counting) -> None:
    user = "canary-person"
    add_keyword_filter(
        counting.parts(), user, a_new_keyword_filter(terms=("canary-phrase",), filter_id="canary-id")
    )
    with counting.engine.connect() as connection:
        waiting = str(connection.execute(text("SELECT i FROM event_inbox i")).all())
    counting.count_all()

    with counting.engine.connect() as connection:
        kept = [
            str(connection.execute(text(f"SELECT t FROM {each} t")).all())
            for each in ("events", "tally_person")
        ]
    assert waiting
    assert all("canary" not in each for each in [waiting, *kept])


def rows_about(counting: Counting, user_id: str) -> int:
    with counting.engine.connect() as connection:
        keys = [each.person(user_id) for each in living(connection)]
        return sum(
            int(
                connection.execute(
                    text(f"SELECT count(*) FROM {table} WHERE person = ANY(:keys)"), {"keys": keys}
                ).scalar_one()
            )
            for table in ("event_inbox", "events", "tally_person", "erased_people")
        )


def test_a_person_who_is_erased_stands_behind_no_count_a_day_later(counting: Counting) -> None:
    make_filters(counting, 2)
    counting.count_all()
    others = rows_about(counting, "de-1")

    erase_user(counting.parts(), "de-0")
    now = datetime.now(UTC)
    assert forget_people(counting.events, now).people == 0  # something may still be on its way
    assert forget_people(counting.events, now + timedelta(hours=1)).people == 1

    assert rows_about(counting, "de-0") == 0
    assert rows_about(counting, "de-1") == others > 0


def test_a_person_is_forgotten_whose_minutes_nobody_had_taken_yet(town: Town, clean_redis: str) -> None:
    town.call(visit("ada", datetime.now(UTC), [post(1)]))
    town.tallies.send()
    erase_user(town.parts.stories, "ada")

    config = replace(town.config, redis_url=clean_redis)
    run_forget_people(config, town.engine, datetime.now(UTC) + timedelta(hours=1))
    run_take_tallies(config, town.engine, datetime.now(UTC) + timedelta(hours=1))

    assert rows_about(Counting(town.engine), "ada") == 0


def test_an_epoch_begins_while_every_thread_is_in_the_middle_of_an_edit(town: Town) -> None:
    config = replace(town.config, threads=8)
    servers = cast("Servers", create_app(config).extensions["servers"])
    with closing(servers), ExitStack() as edits:
        for _ in range(config.threads):
            edits.enter_context(servers.engine.connect())

        assert servers.epochs.at(NOON) == town.servers.epochs.at(NOON)


def test_an_erasure_that_fails_forgets_nobody(counting: Counting) -> None:
    make_filters(counting, 1)
    with pytest.raises(RuntimeError), counting.settings.erase("de-0"):
        raise RuntimeError

    assert forget_people(counting.events, datetime.now(UTC) + timedelta(hours=1)).people == 0


def test_secrets_are_destroyed_when_nothing_is_left_that_they_could_tell_of(counting: Counting) -> None:
    counting.epochs.at(NOON)
    ended = datetime.fromtimestamp(0, UTC) + timedelta(days=EPOCH_DAYS * (epoch_of(NOON) + 1))

    assert forget_people(counting.events, ended + timedelta(days=34)).secrets == 0
    assert forget_people(counting.events, ended + timedelta(days=36)).secrets == 1
    with counting.engine.connect() as connection:
        assert living(connection) == []


def signals_in_many_languages(day: int, languages: Sequence[str]) -> list[Event]:
    at = NOON + timedelta(days=day)
    return [
        Event(EventKind.SIGNAL_SENT, at, "ada", Segment("DE", each), Control.NOT_INTERESTED, "for_you")
        for each in languages
    ]


@pytest.mark.parametrize("days", [1, 2])
def test_a_person_counts_in_twenty_cells_of_a_measure_a_day_and_always_the_same(
    counting: Counting, days: int
) -> None:
    for day in range(days):
        sent = signals_in_many_languages(day, LANGUAGES[:30])
        counting.accept(sent, names=[f"{day}-{number}" for number in range(len(sent))])
    counting.count_all()
    window = Window(MONDAY, MONDAY + timedelta(days=days - 1))

    with counting.engine.connect() as connection:
        found = tallied(connection, Measure.SIGNALLERS, window)
        again = tallied(connection, Measure.SIGNALLERS, window)

    assert sum(each.n for each in found if each.dims) == CELLS_PER_PERSON
    assert {each.n for each in found if not each.dims} == {1}
    assert sorted(found, key=str) == sorted(again, key=str)


def close_now(counting: Counting) -> None:
    """Close, at the time by which PostgreSQL counts."""
    counting.close()
    with counting.engine.begin() as connection:
        connection.execute(text("UPDATE insight_windows SET closed_at = clock_timestamp()"))


def test_a_day_is_restated_once_on_a_monday_where_too_much_came_late(counting: Counting) -> None:
    make_filters(counting, 60, undone=8)
    counting.count_all()
    close_now(counting)
    make_filters(counting, 60, language="ja")
    counting.count_all()
    sunday, monday = (closes_at(Window(MONDAY, MONDAY + timedelta(days=3 + each))) for each in (0, 1))

    restated = [restate_days(counting.closing, at) for at in (sunday, monday, monday + timedelta(weeks=1))]

    assert (sunday.weekday(), monday.weekday()) == (6, 0)
    assert restated == [0, 1, 0]
    (cell,) = counting.cells("undo", days=1)
    assert (cell.state, cell.denominator) == (CellState.RESTATED, 120)


def test_a_day_to_which_hardly_anything_came_late_stays_as_it_is(counting: Counting) -> None:
    make_filters(counting, 201)
    counting.count_all()
    close_now(counting)
    before = counting.cells("undo", days=1)
    make_filters(counting, 1, language="ja")
    counting.count_all()

    assert restate_days(counting.closing, closes_at(Window(MONDAY, MONDAY + timedelta(days=4)))) == 0
    assert counting.cells("undo", days=1) == before


def test_a_job_runs_once_at_a_time_and_another_beside_it(engine: Engine) -> None:
    with (
        only_one(engine, "close-days") as first,
        only_one(engine, "close-days") as second,
        only_one(engine, "roll-up") as other,
    ):
        assert (first, second, other) == (True, False, True)
    with only_one(engine, "close-days") as again:
        assert again


def test_a_job_that_cannot_give_its_lock_back_is_done_all_the_same(
    engine: Engine, clean_database: str
) -> None:
    with only_one(engine, "mine"):
        end_connections(clean_database, "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')")

    with only_one(engine, "mine") as again:
        assert again


def test_what_a_close_counts_itself_is_not_late_for_it(town: Town, clean_redis: str) -> None:
    now = datetime.now(UTC)
    day = (now - timedelta(days=9)).replace(hour=12)
    make_filters(Counting(town.engine), 3, at=day)

    said = run_close_days(replace(town.config, redis_url=clean_redis), town.engine, now)

    closing = PostgresClosing(town.engine)
    assert said.endswith(" windows closed, 0 days restated")
    assert closing.is_closed(Grain.DAY, Window(day.date(), day.date()))
    assert closing.lateness(Window(day.date(), day.date())) == 0
