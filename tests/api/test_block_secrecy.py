"""The blocked person learns nothing: what they can read is the same, byte for byte, blocked or not."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from service.api.consistency import ConsistencyTokens
from service.domain.consistency import Head
from service.domain.people import UserId
from service.usecases.ports import SettingsReading, SettingsStore
from tests.api.calling import KEY, Service

Happening = Callable[[Service], object]

SNAPSHOT = "/v1/me/settings"
SIGNAL = {"id": "ni", "item_id": "p1", "surface": "for_you", "reasons": ["author"], "author_id": "ann"}
PREVIEW = {"filter": {"terms": ["tea"]}, "posts": [{"id": "p", "author_id": "ann", "caption": "tea"}]}
WHAT_BOB_TRIES: tuple[tuple[str, str, Any], ...] = (
    ("GET", SNAPSHOT, None),
    ("GET", "/v1/me/blocks", None),
    ("GET", "/v1/me/mutes", None),
    ("GET", "/v1/me/keyword-filters", None),
    ("GET", "/v1/me/not-interested", None),
    ("GET", "/v1/me/topic-preferences", None),
    ("GET", "/v1/me/comment-limits", None),
    ("POST", "/v1/me/keyword-filters/preview", PREVIEW),
    ("DELETE", "/v1/me/blocks/ann", None),
    ("PUT", "/v1/me/mutes/user/ann", {}),
    ("POST", "/v1/me/not-interested", SIGNAL),
    ("PUT", "/v1/me/blocks/ann", {"note": "?"}),
    ("GET", "/v1/me/blocks", None),
    ("POST", "/v1/me/blocks/batch", {"add": [{"user_id": "ann"}], "remove": ["eve"]}),
    ("DELETE", "/v1/me/blocks/ann", None),
    ("DELETE", "/v1/me/mutes/user/ann", None),
    ("GET", SNAPSHOT, None),
)


def with_parts(**changes: Any) -> Service:
    """Return a service some of whose parts are replaced."""
    service = Service()
    service._parts = replace(service._parts, **changes)
    return service


def a_service() -> Service:
    """Return a service that makes tokens as the real one does."""
    return with_parts(tokens=ConsistencyTokens(KEY))


def transcript(service: Service, happening: Happening) -> Sequence[object]:
    """Return all that bob reads around something that happens elsewhere.

    Tokens and marks of snapshots are opaque: what can be read of them is how long they are and which are equal.
    """
    seen: dict[str, int] = {}
    first = service.call("GET", SNAPSHOT, user="bob")
    read = [(first.status_code, readable(first.headers, seen), first.data)]
    happening(service)
    for method, path, body in WHAT_BOB_TRIES:
        known = {"X-Request-ID": "r", "If-None-Match": first.headers["ETag"]}
        request = {} if body is None else {"json": body}
        answer = service.call(method, path, user="bob", headers=known, **request)
        read.append((answer.status_code, readable(answer.headers, seen), answer.data))
    return read


def readable(headers: Headers, seen: dict[str, int]) -> dict[str, object]:
    """Return headers with each opaque one as its length, and when the same was first seen."""
    return {
        name: (len(value), seen.setdefault(value, len(seen)))
        if name == "Consistency-Token" or value.startswith("W/")
        else value
        for name, value in headers.items()
        if name != "X-Request-ID"
    }


def nothing(service: Service) -> None:
    """Let ann be somebody who uses the service and means no harm, beside others who block others."""
    service.call("PUT", "/v1/me/blocks/carol", user="ann")


def blocked(service: Service) -> None:
    """Let ann block bob, and not only her."""
    service.call("PUT", "/v1/me/blocks/bob", user="ann", json={"note": "rude", "expires_in": "30d"})
    service.call("PUT", "/v1/me/blocks/bob", user="dave")


def blocked_and_unblocked(service: Service) -> None:
    """Let ann block bob and think better of it."""
    blocked(service)
    service.call("POST", "/v1/me/blocks/batch", user="ann", json={"remove": ["bob"]})


def muted(service: Service) -> None:
    """Let ann mute bob."""
    service.call("PUT", "/v1/me/mutes/user/bob", user="ann")


def never_there(service: Service) -> None:
    """Let there be no ann at all."""
    del service


def with_settings_of_ones_own(service: Service) -> Service:
    service.call("PUT", "/v1/me/blocks/eve", user="bob")
    return service


@pytest.mark.parametrize("prepared", [lambda service: service, with_settings_of_ones_own])
@pytest.mark.parametrize("happening", [blocked, blocked_and_unblocked, muted, never_there])
def test_bm_10_nothing_that_the_blocked_person_reads_differs(
    happening: Happening, prepared: Callable[[Service], Service]
) -> None:
    assert transcript(prepared(a_service()), happening) == transcript(prepared(a_service()), nothing)


def test_bm_10_a_feed_tells_of_a_block_by_others_nothing_but_that_the_post_is_unavailable() -> None:
    service = Service()
    blocked(service)
    body = {
        "viewer_id": "bob",
        "surface": "for_you",
        "candidates": [{"id": author, "author_id": author} for author in ("ann", "dave")],
    }

    answer = service.call("POST", "/v1/feed/filter", scope="feed:filter filter:explain", json=body)

    assert answer.get_json()["decisions"] == [
        {"id": author, "outcome": "hide", "reasons": [{"code": "unavailable"}]} for author in ("ann", "dave")
    ]
    assert answer.get_json()["removed"] == {"unavailable": 2}


def test_bm_10_no_route_takes_the_question_who_blocked_somebody() -> None:
    service = Service()
    blocked(service)

    paths = [rule.rule for rule in service.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    for path in paths:
        answer = service.call("GET", re.sub(r"<[^>]+>", "ann", path), user="bob")
        if path.startswith("/v1/"):
            assert "ann" not in answer.text


# What a leak would look like.


class Telltale:
    """A store whose revisions also count what others did."""

    def __init__(self, store: SettingsStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def read(self, user_id: UserId) -> Iterator[SettingsReading]:
        """Read settings under a head that moves with every block by others."""
        with self._store.read(user_id) as reading:
            yield _ReadingWithHead(reading)


class _ReadingWithHead:
    def __init__(self, reading: SettingsReading) -> None:
        self._reading = reading

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reading, name)

    @property
    def head(self) -> Head:
        head = self._reading.head
        return replace(head, revision=head.version.number)


def with_revisions_that_count_others() -> Service:
    """Return a service that numbers a user's settings by what anybody did."""
    service = a_service()
    stories = replace(service._parts.stories, settings=Telltale(service.settings))
    service._parts = replace(service._parts, stories=stories)
    return service


def with_tokens_that_repeat() -> Service:
    """Return a service whose tokens of one version are equal."""
    return with_parts(tokens=ConsistencyTokens(KEY, new_nonce=bytes))


@pytest.mark.parametrize("leaky", [with_revisions_that_count_others, with_tokens_that_repeat])
def test_bm_10_a_service_that_lets_it_show_is_caught(leaky: Callable[[], Service]) -> None:
    assert transcript(leaky(), blocked) != transcript(leaky(), nothing)
