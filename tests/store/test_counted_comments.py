"""Counting an hour's comments while many are made at once, and looking back in one round trip."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from service.store.held_comments import PostgresComments
from tests.builders import NOW
from tests.store.test_feed_rules import round_trips


def test_comments_made_at_once_never_exceed_the_limit(engine: Engine) -> None:
    comments = PostgresComments(engine)

    def make(number: int) -> bool:
        return bool(comments.count("owner", "post", [("bob", f"c{number}")], 5, NOW))

    with ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(make, range(40)))

    assert refused.count(False) == 5


def test_calls_that_name_the_same_people_in_another_order_do_not_lock_each_other_out(engine: Engine) -> None:
    comments = PostgresComments(engine)
    people = [f"p{number}" for number in range(20)]

    def make(call: int) -> frozenset[str]:
        order = people if call % 2 else people[::-1]
        return comments.count("owner", "post", [(each, f"{each}-{call}") for each in order], 40, NOW)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(make, range(40))) == {frozenset()}


def test_looking_back_takes_one_round_trip_beside_the_check_that_the_connection_lives(
    engine: Engine,
) -> None:
    comments = PostgresComments(engine)
    comments.history("owner", ["c1"], ["bob"], NOW)

    with round_trips(engine) as waits:
        comments.history("owner", ["c1"], ["bob"], NOW)

    assert waits == ["Query", "Sync", "Query"]
