"""Answers that are given once, on the real PostgreSQL: among threads, connections that die, and time that passes.

Five thousand cases for ``ANSWER_ROUNDS`` (660) keys: 1,980 repetitions, 1,320 with another body, 660 of another user,
660 after a day, 220 of eight at once and 165 after a connection that died; what costs most is tried least.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select

from service.domain.answers import (
    ANSWERS_KEPT_FOR,
    Answer,
    AskedOnce,
    KeyReused,
    RememberedAnswer,
    StillInFlight,
)
from service.domain.comment_limits import CommentLimitsPatch, HoldMode
from service.domain.people import UserId
from service.domain.refusals import RevisionMismatch
from service.store.answers import PostgresAnswers, forget_answers
from service.store.settings import PostgresSettings
from service.store.tables import outbox, remembered_answers
from service.usecases.answer_once import answer_once
from service.usecases.edit_comment_limits import change_comment_limits
from service.usecases.edit_not_interested import send_not_interested
from service.usecases.ports import Parts, StoreUnavailable, Turn
from service.usecases.read_settings import read_comment_limits
from tests.builders import NOW, a_new_signal, parts
from tests.servers import end_connections
from tests.waiting import LONGEST_SECONDS

ROUNDS = int(os.environ.get("ANSWER_ROUNDS", "660"))
CROWDS = ROUNDS // 3
DEATHS = ROUNDS // 4
ROUNDS_TO_BE_CAUGHT = 30
AT_ONCE = 8
EDITORS = 16
LONG_AGO = NOW - timedelta(days=400)

Story = Callable[[Parts], Answer]


def reject(around: Parts) -> Answer:
    """Send a signal without an id of its own: done twice, it counts twice."""
    done = send_not_interested(around, "ada", a_new_signal(reasons=()))
    assert done.value.signal
    return Answer(201, (), done.value.signal.id.encode())


def at(moment: datetime, settings: PostgresSettings) -> Parts:
    numbers = count(int(moment.timestamp() * 1_000))
    return replace(parts(settings=settings, now=moment), new_id=lambda prefix: f"{prefix}_{next(numbers)}")


def effects(settings: PostgresSettings, user_id: UserId = "ada") -> int:
    with settings.read(user_id) as reading:
        return len(reading.signals.all())


def editing(user_id: UserId) -> Story:
    """Return a story that moves a user's revision, which is the least that an edit does, and tells how far."""

    def edit(around: Parts) -> Answer:
        with around.settings.edit(user_id) as edited:
            return Answer(200, (), b"%d" % edited.head.revision)

    return edit


def edits(settings: PostgresSettings, user_id: UserId = "ada") -> int:
    with settings.read(user_id) as reading:
        return reading.head.revision


def asked(number: int, fingerprint: bytes = b"asked") -> AskedOnce:
    return AskedOnce(f"key-{number}", fingerprint)


def ask(around: Parts, number: int, story: Story = reject, user_id: UserId = "ada") -> Answer:
    return answer_once(around, user_id, asked(number), story)[0]


def require_refused(around: Parts, number: int, user_id: UserId) -> None:
    """Ask for something else under the same key."""
    with pytest.raises(KeyReused):
        answer_once(around, user_id, asked(number, b"other"), editing(user_id))


def ask_at_once(around: Parts, numbers: Iterable[int], story: Story) -> list[set[Answer | None]]:
    """Let eight callers send each request at the same moment; return what they were told (None: it is in flight)."""
    together = Barrier(AT_ONCE, timeout=LONGEST_SECONDS)

    def arrive(number: int) -> Answer | None:
        together.wait()
        with suppress(StillInFlight):
            return ask(around, number, story)
        return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        callers = [pool.submit(lambda: [arrive(number) for number in numbers]) for _ in range(AT_ONCE)]
        return [set(told) for told in zip(*(each.result() for each in callers), strict=True)]


def test_a_key_has_one_effect_for_each_user_and_each_day_and_none_for_another_body(
    settings: PostgresSettings,
) -> None:
    today, tomorrow = at(NOW, settings), at(NOW + ANSWERS_KEPT_FOR, settings)

    for number in range(ROUNDS):
        told = ask(today, number, editing("ada"))
        assert ask(today, number, editing("ada")) == told
        require_refused(today, number, "ada")
        ask(today, number, editing("eve"), "eve")
        require_refused(today, number, "eve")
        assert ask(today, number, editing("ada")) == told
        later = ask(tomorrow, number, editing("ada"))
        assert ask(tomorrow, number, editing("ada")) == later != told

    assert (edits(settings), edits(settings, "eve")) == (2 * ROUNDS, ROUNDS)


def test_eight_at_once_are_answered_alike_or_told_to_come_again_and_there_is_one_effect_each(
    settings: PostgresSettings,
) -> None:
    around = at(NOW, settings)

    told = ask_at_once(around, range(CROWDS), editing("ada"))
    again = [ask(around, number, editing("ada")) for number in range(CROWDS)]

    assert [answers - {None} for answers in told] == [{answer} for answer in again]
    assert any(None in answers for answers in told)
    assert edits(settings) == CROWDS


def test_without_the_claim_some_of_eight_at_once_would_have_effects_of_their_own(
    settings: PostgresSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgresAnswers, "claim", lambda *_: None)
    around, rounds = at(NOW, settings), 0

    while rounds < ROUNDS_TO_BE_CAUGHT and effects(settings) == rounds:
        ask_at_once(around, [rounds], reject)
        rounds += 1

    assert effects(settings) > rounds


def test_after_a_day_a_key_is_free_whether_or_not_it_was_swept_up(
    settings: PostgresSettings, engine: Engine
) -> None:
    today = at(NOW, settings)
    ask(today, 1)
    ask(today, 2)
    tomorrow = NOW + ANSWERS_KEPT_FOR
    ask(at(tomorrow, settings), 1)

    assert effects(settings) == 3
    assert forget_answers(engine, before=tomorrow - ANSWERS_KEPT_FOR, at_once=1) == 1
    with engine.connect() as connection:
        assert connection.execute(select(remembered_answers.c.key)).scalars().all() == ["key-1"]


# Connections that die


def lose_connections(database_url: str, story: Story) -> Story:
    """Let a story lose its connection when it is done, every other time."""
    turns = count()

    def losing(around: Parts) -> Answer:
        answer = story(around)
        if next(turns) % 2 == 0:
            end_connections(database_url, "state = 'idle in transaction'")
        return answer

    return losing


def insist(around: Parts, number: int, story: Story) -> None:
    """Ask again when the answer was lost, as a phone does."""
    for _ in range(5):
        with suppress(StoreUnavailable):
            ask(around, number, story)
            return
    raise AssertionError("the store never came back")


def test_an_answer_that_was_lost_with_its_connection_left_no_effect(
    settings: PostgresSettings, engine: Engine, clean_database: str
) -> None:
    around = at(NOW, settings)
    story = lose_connections(clean_database, editing("ada"))

    for number in range(DEATHS):
        insist(around, number, story)

    with engine.connect() as connection:
        announced = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
    with settings.read("ada") as reading:
        assert reading.head.revision == announced == DEATHS


class Forgetful(PostgresSettings):
    """Remembers answers in a transaction of their own, once the edits are kept."""

    @contextmanager
    def once(self, user_id: UserId, key: str, *, since: datetime) -> Iterator[Turn]:
        """Let edits go their own way."""
        with super().once(user_id, key, since=since) as turn:
            yield replace(turn, settings=self)  # type: ignore[type-var]


def test_answers_kept_apart_from_their_edits_would_let_an_edit_happen_twice(
    engine: Engine, clean_database: str
) -> None:
    forgetful = Forgetful(engine)
    around = at(NOW, forgetful)
    story = lose_connections(clean_database, reject)

    for number in range(ROUNDS_TO_BE_CAUGHT):
        insist(around, number, story)

    assert effects(forgetful) > ROUNDS_TO_BE_CAUGHT


# Editing together


def edit_together(around: Parts, change: Callable[[int, int], None]) -> tuple[int, int]:
    """Let 16 editors read and change the limits again and again; count who was kept and who was refused."""

    def edit(editor: int) -> tuple[int, int]:
        kept = refused = 0
        mark = editor * 1_000
        while kept + refused < 10:
            mark += 1
            with suppress(
                StoreUnavailable
            ):  # the queue for the lock was too long: nothing was done, so again
                stood = read_comment_limits(around, "ada").revision
                try:
                    change(mark, stood)
                    kept += 1
                except RevisionMismatch:
                    refused += 1
        return kept, refused

    with ThreadPoolExecutor(EDITORS) as pool:
        counted = list(pool.map(edit, range(EDITORS)))
    return sum(kept for kept, _ in counted), sum(refused for _, refused in counted)


def changing(around: Parts, *, honoured: bool) -> Callable[[int, int], None]:
    def change(mark: int, stood: int) -> None:
        patch = CommentLimitsPatch(
            frozenset({"keyword_terms", "hold_mode"}), keyword_terms=(f"mark {mark}",), hold_mode=HoldMode.ALL
        )
        change_comment_limits(around, "ada", patch, expected=[stood] if honoured else None)

    return change


def test_of_16_editors_each_is_kept_or_refused_and_no_update_is_lost(settings: PostgresSettings) -> None:
    around = parts(settings=settings)

    kept, refused = edit_together(around, changing(around, honoured=True))

    assert kept + refused == EDITORS * 10
    assert kept == read_comment_limits(around, "ada").revision
    assert refused > 0


def test_without_their_revision_editors_would_overwrite_what_they_never_read(
    settings: PostgresSettings,
) -> None:
    around = parts(settings=settings)

    kept, refused = edit_together(around, changing(around, honoured=False))

    assert (kept, refused) == (EDITORS * 10, 0)


def test_an_answer_is_kept_byte_by_byte(engine: Engine) -> None:
    told = RememberedAnswer(bytes(range(256)), Answer(201, (("A", "b: c\\"),), bytes(range(256))))
    with engine.begin() as connection:
        PostgresAnswers(connection, "ada").keep("k", told, NOW)

        assert PostgresAnswers(connection, "ada").find("k", since=LONG_AGO) == told
