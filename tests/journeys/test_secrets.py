"""Nothing that somebody wrote, and nobody's id, shows where it does not belong: canaries through every kind of answer.

Larger with ``FUZZED_CALLS=20000``.
"""

import io
import logging
import os
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask
from werkzeug.test import TestResponse

from service.api.consistency import ConsistencyTokens
from service.telemetry.logs import configure_logs
from tests.api.calling import operations
from tests.journeys.conftest import Person

FUZZED_CALLS = int(os.environ.get("FUZZED_CALLS", "2000"))
CANARY = "canary"
TERM, NOTE, OTHER, ITEM = (f"{CANARY}{each}" for each in ("term", "note", "person", "item"))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that the process logs, from before the service starts."""
    root, service = logging.getLogger(), logging.getLogger("service")
    handlers, levels = root.handlers, (root.level, service.level)
    yield io.StringIO()
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(levels[0])
    service.setLevel(levels[1])


@pytest.fixture
def logged(log: io.StringIO, app: Flask) -> io.StringIO:
    """The log of a service that has started, with room for what its requests tell."""
    del app
    configure_logs(level="DEBUG", stream=log)
    return log


def live(person: Person) -> None:
    """Use every setting, with a canary in every word."""
    person.ask("POST", "/v1/me/keyword-filters", {"id": f"{CANARY}kf", "terms": [TERM], "title": NOTE})
    person.ask("PUT", f"/v1/me/blocks/{OTHER}", {"note": NOTE})
    person.ask("PUT", f"/v1/me/mutes/user/{OTHER}", {"note": NOTE})
    person.ask("PATCH", "/v1/me/comment-limits", {"keyword_terms": [TERM]})
    signal = {
        "id": f"{CANARY}ni",
        "item_id": ITEM,
        "surface": "for_you",
        "reasons": ["author"],
        "author_id": OTHER,
    }
    person.ask("POST", "/v1/me/not-interested", signal, Idempotency_Key=f"{CANARY}key")


def be_refused(person: Person) -> None:
    """Make every kind of mistake, with a canary in it."""
    person.call("PUT", f"/v1/me/blocks/{OTHER}", {"note": NOTE * 100})
    person.call("POST", "/v1/me/keyword-filters", {"terms": [TERM], TERM: 1})
    person.call("POST", "/v1/me/keyword-filters", {"id": f"{CANARY}kf", "terms": ["other"]})
    person.call("GET", f"/v1/me/keyword-filters/{OTHER}")
    person.call("GET", "/v1/me/changes?since=" + TERM)
    person.call("GET", f"/v1/{OTHER}")
    person.client.get("/v1/me/settings", headers={"Authorization": f"Bearer {CANARY}.{CANARY}.{CANARY}"})


def crash(app: Flask, person: Person) -> TestResponse:
    """Let a view fail with a canary in the error."""

    def failing(*_: object) -> str:
        raise LookupError(TERM)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ConsistencyTokens, "token", failing)
        return person.call("PUT", f"/v1/me/blocks/{OTHER}", {"note": NOTE})


def test_logs_and_metrics_tell_no_word_no_other_person_and_no_token(
    app: Flask, mia: Person, logged: io.StringIO
) -> None:
    live(mia)
    be_refused(mia)
    crashed = crash(app, mia)
    page = app.test_client().get("/metrics").get_data(as_text=True)

    assert crashed.status_code == 500
    assert "LookupError" in logged.getvalue()
    for told in (logged.getvalue(), page, crashed.get_data(as_text=True)):
        assert CANARY not in told
        assert mia.authorization.rpartition(".")[2] not in told
        assert not re.search(r"eyJ[\w-]+\.eyJ", told)


def test_a_log_line_with_a_word_in_it_would_be_found(logged: io.StringIO) -> None:
    structlog.stdlib.get_logger("service").warning("careless", term=TERM)

    assert CANARY in logged.getvalue()


# Somebody else's things


def ids() -> dict[str, str]:
    """Return what the path of a call may name of mia's."""
    return {
        "filter_id": f"{CANARY}kf",
        "signal_id": f"{CANARY}ni",
        "target_id": OTHER,
        "type": "user",
        "post_id": ITEM,
        "comment_id": ITEM,
    }


def guess(chance: random.Random, path: str) -> tuple[str, dict[str, Any] | None, dict[str, str]]:
    """Return a call of that path with ids of somebody else's wherever they fit."""
    filled = re.sub(r"{(\w+)}", lambda name: ids().get(name[1], f"{CANARY}kf"), path)
    query = chance.choice(["", "", "?limit=200", "?user_id=mia", "?viewer_id=mia"])
    body = chance.choice(
        [None, {}, {"user_id": "mia"}, {"id": f"{CANARY}kf"}, {"item_id": "p", "surface": "live"}]
    )
    headers = chance.choice(
        [{}, {"X_User_ID": "mia"}, {"Idempotency_Key": f"{CANARY}key"}, {"If_Match": '"1"'}]
    )
    return filled + query, body, headers


def leaked(answer: TestResponse) -> bool:
    """Tell whether an answer holds a word of mia's; ids may be echoed to whoever sent them, words never were sent."""
    told = answer.get_data(as_text=True) + str(answer.headers)
    return TERM in told or NOTE in told


def fuzz(person: Person, calls: int) -> list[str]:
    """Make one caller's calls with another's ids; return those that gave something away."""
    chance = random.Random(17)
    own = [(method, path) for method, path, _ in operations().values() if path.startswith("/v1/me/")]
    found = []
    for _ in range(calls):
        method, path = chance.choice(own)
        address, body, headers = guess(chance, path)
        answer = person.call(method, address, body, **headers)
        assert answer.status_code < 500, (method, address)
        if leaked(answer):
            found.append(f"{method} {address}")
    return found


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody be refused for haste."""
    monkeypatch.setattr("service.cache.allowances.RedisAllowances.spend", lambda *_: None)


@pytest.mark.usefixtures("hasty")
def test_no_call_gives_away_what_somebody_else_wrote(mia: Person, troll: Person) -> None:
    live(mia)
    before = mia.ask("GET", "/v1/me/changes")["changes"]

    assert fuzz(troll, FUZZED_CALLS) == []
    assert mia.ask("GET", "/v1/me/changes")["changes"] == before


@pytest.mark.usefixtures("hasty")
def test_a_service_that_takes_callers_at_their_word_would_be_found_out(
    mia: Person, troll: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(mia)
    for room in ("blocks", "keyword_filters", "changes", "settings", "mutes"):
        monkeypatch.setattr(f"service.api.{room}.user_id", lambda: "mia")

    assert fuzz(troll, 200)
