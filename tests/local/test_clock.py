"""The clock of ./dev: requests may pretend that it is earlier, never later, and nothing else may."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from service.app import now
from service.domain.refusals import InvalidValue
from service.local.clock import PRETENDED_NOW, now_or_then

THEN = datetime(2026, 11, 2, 8, tzinfo=UTC)


def told(stated: str | None) -> datetime:
    headers = {PRETENDED_NOW: stated} if stated else {}
    with Flask(__name__).test_request_context(headers=headers):
        return now_or_then()


def test_a_request_may_say_when_it_happens() -> None:
    assert told("2026-11-02T13:30:00+05:30") == THEN


def test_without_a_word_about_it_it_is_now() -> None:
    before = now()

    assert before <= told(None) <= now()
    assert before <= now_or_then() <= now()


@pytest.mark.parametrize("wrong", ["yesterday", "2026-11-02T08:00:00", "2999-01-01T00:00:00+00:00"])
def test_a_time_that_is_none_of_the_past_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidValue):
        told(wrong)
