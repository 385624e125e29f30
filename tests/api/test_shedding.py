"""When more is asked than can be answered, figures give way first and blocks last."""

from collections.abc import Iterator
from typing import Any

import pytest

from service.api.shedding import EXTENSION, Shedding, Worth, worth_of
from tests.api.calling import Service, the_app

FILTER = {"viewer_id": "mia", "surface": "for_you", "candidates": []}
CHECK = {"post": {"id": "post", "owner_id": "mia"}, "comments": []}


@pytest.fixture
def shedding() -> Iterator[Shedding]:
    """What knows how many wait: nobody, before and after."""
    found: Shedding = the_app().extensions[EXTENSION]
    before = found.waiting
    yield found
    found.waiting = before


def answered(service: Service) -> list[str]:
    """Say which kinds of request get an answer."""
    calls: dict[str, tuple[str, str, str | None, Any]] = {
        "events": ("POST", "/v1/events", "feed:filter", {"events": []}),
        "settings": ("GET", "/v1/me/settings", "settings", None),
        "feed": ("POST", "/v1/feed/filter", "feed:filter", FILTER),
        "comments": ("POST", "/v1/comments/check", "comments:check", CHECK),
        "filter": ("POST", "/v1/me/keyword-filters", "settings", {"terms": ["spoiler"]}),
        "block": ("PUT", "/v1/me/blocks/troll", "settings", {}),
        "unblock": ("DELETE", "/v1/me/blocks/nobody", "settings", None),
        "health": ("GET", "/healthz", None, None),
    }
    replies = {
        name: service.call(method, path, scope=scope, json=body)
        for name, (method, path, scope, body) in calls.items()
    }
    refused = [each for each in replies.values() if each.status_code == 503]
    assert {each.get_json()["code"] for each in refused} <= {"overloaded"}
    assert {each.headers["Retry-After"] for each in refused} <= {"1"}
    return [name for name, each in replies.items() if each.status_code != 503]


@pytest.mark.parametrize(
    ("waiting", "kinds"),
    [
        (8, ["events", "settings", "feed", "comments", "filter", "block", "unblock", "health"]),
        (9, ["settings", "feed", "comments", "filter", "block", "unblock", "health"]),
        (17, ["feed", "comments", "filter", "block", "unblock", "health"]),
        (33, ["filter", "block", "unblock", "health"]),
        (65, ["block", "unblock", "health"]),
        (257, ["health"]),
    ],
)
def test_the_more_wait_the_less_is_answered(shedding: Shedding, waiting: int, kinds: list[str]) -> None:
    shedding.waiting = lambda: waiting

    assert answered(Service()) == kinds


def test_what_is_turned_away_is_not_done(shedding: Shedding) -> None:
    service = Service()
    shedding.waiting = lambda: 65
    service.call("POST", "/v1/me/keyword-filters", json={"terms": ["spoiler"]})
    shedding.waiting = lambda: 0

    assert service.call("GET", "/v1/me/settings").get_json()["revision"] == 0


def test_every_route_that_needs_a_scope_is_worth_something() -> None:
    app = the_app()
    worth = {rule.rule: worth_of(rule, app) for rule in app.url_map.iter_rules()}

    assert {path for path, each in worth.items() if each is None and path.startswith("/v1/")} == set()
    assert worth["/v1/me/export"] is Worth.SETTINGS_READS
    assert worth["/v1/me/keyword-filters/preview"] is Worth.SETTINGS_READS
    assert worth["/metrics"] is None
