"""Holding comments takes few locks, and those in an order."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine, text

from service.domain.comments import CommentReason, HeldComment
from service.store.held_comments import PostgresComments
from tests.builders import NOW
from tests.waiting import eventually

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def held(comment_id: str, wording: str) -> HeldComment:
    return HeldComment(comment_id, "post", "author", wording, (CommentReason.KEYWORD,), NOW)


def test_two_checks_that_hold_the_same_comments_in_another_order_wait_in_turn(engine: Engine) -> None:
    comments = PostgresComments(engine)

    def hold(wording: str, *ids: str) -> None:
        with comments.hold("owner", [held(each, wording) for each in ids]):
            pass

    def waits(of: Sequence[object]) -> bool:
        with engine.connect() as asking:
            return bool(asking.execute(WAITING).scalar_one() >= len(of))

    hold("first", "a", "b")
    with ThreadPoolExecutor(2) as pool:
        with engine.begin() as connection:
            connection.execute(text("SELECT 1 FROM held_comments WHERE comment_id = 'a' FOR UPDATE"))
            checks = [pool.submit(hold, "second", "a", "b")]
            eventually(lambda: waits(checks))
            checks.append(pool.submit(hold, "third", "b", "a"))
            eventually(lambda: waits(checks))
        faults = [each.exception() for each in checks]

    assert faults == [None, None]
    assert comments.history("owner", ["a", "b"], [], NOW + timedelta(hours=1)).known.keys() == {"a", "b"}
