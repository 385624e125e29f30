"""Forgetting: texts after 60 days, people after 90, and never that something was not approved."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine, select

from service.cli import _forget_ended_filters
from service.domain.comments import CommentState
from service.domain.staff_reads import READS_KEPT_FOR, StaffRead, StaffView
from service.store.comment_tables import counted_comments, held_comments
from service.store.forgetting import BATCH, forget_expired
from service.store.held_comments import PostgresComments
from service.store.keyword_filters import owners_of_ended
from service.store.settings import PostgresSettings
from tests.builders import NOW, a_held_comment, a_keyword_filter

SIXTY_DAYS = timedelta(days=60)


def hold(engine: Engine, *states: CommentState) -> None:
    """Keep a comment in each of these states, named after them."""
    held = [a_held_comment(comment_id=state.value, author_id=f"author of {state}") for state in states]
    with PostgresComments(engine).hold("owner", held):
        pass
    with PostgresSettings(engine).edit("owner") as settings:
        for each in held:
            verdict = CommentState(each.comment_id)
            settings.held_comments.put(replace(each, state=verdict, decided_at=NOW))


def kept(engine: Engine) -> dict[str, tuple[str | None, str | None]]:
    with engine.connect() as connection:
        return {
            row.comment_id: (row.text, row.author_id) for row in connection.execute(select(held_comments))
        }


def test_texts_are_forgotten_after_sixty_days_and_rows_never(engine: Engine) -> None:
    hold(engine, *CommentState)

    assert forget_expired(engine, NOW + SIXTY_DAYS - timedelta(seconds=1)) == 0
    assert forget_expired(engine, NOW + SIXTY_DAYS) == 4
    assert kept(engine) == {
        "held": (None, None),
        "approved": (None, "author of approved"),
        "rejected": (None, "author of rejected"),
    }
    assert forget_expired(engine, NOW + timedelta(days=90)) == 1
    assert kept(engine)["rejected"] == (None, None)
    assert kept(engine)["approved"] == (None, "author of approved")
    assert forget_expired(engine, NOW + timedelta(days=900)) == 0


def test_a_comment_whose_text_is_forgotten_is_still_known_not_to_be_approved(engine: Engine) -> None:
    hold(engine, CommentState.HELD)
    forget_expired(engine, NOW + SIXTY_DAYS)

    history = PostgresComments(engine).history("owner", ["held"], [], NOW + SIXTY_DAYS)

    assert history.known["held"].state is CommentState.HELD
    assert PostgresSettings(engine).feed_rules("owner").has_comment_history


def test_more_than_one_batch_is_forgotten_in_one_run(engine: Engine) -> None:
    made = [("bob", f"c{number}") for number in range(BATCH + 1)]
    PostgresComments(engine).count("owner", "post", made, 2 * BATCH, NOW)

    assert forget_expired(engine, NOW + timedelta(hours=1)) == BATCH + 1
    with engine.connect() as connection:
        assert connection.execute(select(counted_comments)).all() == []


def test_kf_10_the_job_forgets_filters_of_everybody_ninety_days_after_their_end(engine: Engine) -> None:
    store = PostgresSettings(engine)
    for user in ("ada", "bob", "eve"):
        with store.edit(user) as settings:
            settings.keyword_filters.put(a_keyword_filter(filter_id="ended", expires_at=NOW))
            settings.keyword_filters.put(a_keyword_filter(filter_id="for good"))

    before = _forget_ended_filters(engine, NOW + timedelta(days=90, seconds=-1))
    after = _forget_ended_filters(engine, NOW + timedelta(days=90))

    assert (before, after) == (0, 3)
    assert [rule.id for rule in store.feed_rules("bob").filters] == ["for good"]
    assert owners_of_ended(engine, NOW, 10) == []
    assert store.feed_rules("bob").revision == 2


def test_ab_05_looks_of_staff_are_forgotten_after_two_years(engine: Engine) -> None:
    store = PostgresSettings(engine)
    for name, at in (("old", NOW - READS_KEPT_FOR), ("young", NOW - READS_KEPT_FOR + timedelta(seconds=1))):
        store.note_staff_read(StaffRead(name, "ada", "sam", "SUP-1", StaffView.SETTINGS, at))

    assert forget_expired(engine, NOW) == 1
    assert [each.id for each in store.staff_reads("ada", 9, None)] == ["young"]
