"""A feed service sends candidates and gets decisions that obey, with no more work than needed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
import redis
from flask import Flask
from sqlalchemy import event

from service.app import Servers
from tests.journeys.conftest import Person

POSTS: list[dict[str, Any]] = [
    {"id": "spoiler", "author_id": "ann", "caption": "The end of GLASS  Harbor, explained"},
    {"id": "repost", "author_id": "ann", "reposter_id": "troll"},
    {"id": "diet", "author_id": "bob", "topics": ["diets"]},
    {"id": "cats", "author_id": "bob", "caption": "今日の黒猫だ"},
]


def page(viewer: str = "mia", **members: Any) -> dict[str, Any]:
    """Return a request for all posts."""
    return {"viewer_id": viewer, "surface": "for_you", "slots": 4, "candidates": POSTS, **members}


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    """Return what became of each post."""
    return {decision["id"]: decision["outcome"] for decision in answer["decisions"]}


def test_every_setting_is_obeyed_from_the_next_decision_on(mia: Person, feed: Person) -> None:
    assert set(outcomes(feed.ask("POST", "/v1/feed/filter", page())).values()) == {"keep"}

    mia.ask("POST", "/v1/me/keyword-filters", {"terms": ["glass harbor"]})
    mia.ask("PUT", "/v1/me/blocks/troll")
    signal = {"item_id": "x", "surface": "for_you", "reasons": ["topic"], "topics": ["diets"]}
    mia.ask("POST", "/v1/me/not-interested", signal)
    answer = feed.ask("POST", "/v1/feed/filter", page())

    assert outcomes(answer) == {"spoiler": "hide", "repost": "hide", "diet": "downrank", "cats": "keep"}
    assert answer["removed"] == {"keyword_filter": 1, "block": 1}
    assert (answer["kept"], answer["fetch_more"]) == (2, 2)


def test_a_reason_points_into_the_text_as_it_was_sent(mia: Person, feed: Person) -> None:
    mia.ask("POST", "/v1/me/keyword-filters", {"terms": ["glass harbor"]})

    [reason] = feed.ask("POST", "/v1/feed/filter", page())["decisions"][0]["reasons"]

    start, end = reason["span"]
    assert (reason["field"], POSTS[0]["caption"][start:end]) == ("caption", "GLASS  Harbor")


def test_a_token_makes_a_write_felt_whatever_the_cache_holds(mia: Person, feed: Person, app: Flask) -> None:
    feed.ask("POST", "/v1/feed/filter", page())
    token = mia.call("PUT", "/v1/me/blocks/ann").headers["Consistency-Token"]

    answer = feed.ask("POST", "/v1/feed/filter", page(consistency_token=token))

    assert outcomes(answer)["spoiler"] == "hide"


def test_somebody_elses_token_is_refused(mia: Person, feed: Person) -> None:
    token = mia.call("PUT", "/v1/me/blocks/ann").headers["Consistency-Token"]

    refused = feed.call("POST", "/v1/feed/filter", page("troll", consistency_token=token))

    assert (refused.status_code, refused.get_json()["code"]) == (400, "unreadable-token")


def test_the_blocked_person_sees_unavailable_and_nothing_else(
    mia: Person, troll: Person, feed: Person
) -> None:
    before = troll.ask("GET", "/v1/me/settings")
    mia.ask("PUT", "/v1/me/blocks/troll")

    posts = [{"id": "p", "author_id": "mia"}]
    [decision] = feed.ask("POST", "/v1/feed/filter", page("troll", candidates=posts))["decisions"]

    assert decision == {"id": "p", "outcome": "hide", "reasons": [{"code": "unavailable"}]}
    assert troll.ask("GET", "/v1/me/settings") == before


def test_msgpack_says_the_same_as_json(mia: Person, feed: Person) -> None:
    mia.ask("PUT", "/v1/me/blocks/ann")
    as_json = feed.ask("POST", "/v1/feed/filter", page())

    answer = feed.client.post(
        "/v1/feed/filter",
        data=msgspec.msgpack.encode(page()),
        headers={
            "Content-Type": "application/msgpack",
            "Accept": "application/msgpack",
            "Authorization": feed.authorization,
        },
    )

    as_msgpack = msgspec.msgpack.decode(answer.data)
    assert as_msgpack | {"consistency_token": None} == as_json | {"consistency_token": None}


@contextmanager
def counting_queries(app: Flask) -> Iterator[list[str]]:
    """Count what goes to PostgreSQL: statements, and connections taken without SQLAlchemy around them."""
    servers: Servers = app.extensions["servers"]
    seen: list[str] = []

    def note(*_: Any) -> None:
        seen.append("checkout")

    event.listen(servers.engine, "checkout", note)
    yield seen
    event.remove(servers.engine, "checkout", note)


def test_a_warm_feed_asks_postgresql_nothing_and_redis_at_most_once(
    mia: Person, feed: Person, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia.ask("POST", "/v1/me/keyword-filters", {"terms": ["glass harbor"]})
    sent: list[str] = []
    send: Any = redis.Connection.send_packed_command

    def noting(*arguments: Any, **named: Any) -> None:
        if threading.current_thread() is threading.main_thread():  # others listen to Redis, and count
            sent.append("round trip")
        send(*arguments, **named)

    monkeypatch.setattr(redis.Connection, "send_packed_command", noting)
    with counting_queries(app) as cold:
        feed.ask("POST", "/v1/feed/filter", page())
    cold_sent = list(sent)
    sent.clear()
    with counting_queries(app) as warm:
        feed.ask("POST", "/v1/feed/filter", page())

    assert cold, "the counter would not have seen a query"
    assert cold_sent, "nor a round trip"
    assert warm == []
    assert len(sent) <= 1
