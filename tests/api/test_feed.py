"""Feed filtering over HTTP."""

import random
from typing import Any

import msgspec
import pytest

from service.api import feed
from service.api.schemas.feed import LARGEST_BATCH
from service.domain.feed import LARGEST_REQUEST
from service.usecases.ports import StoreUnavailable
from tests.api.calling import Service
from tests.builders import a_keyword_filter

FEED = "/v1/feed/filter"
EXPLAINED = "feed:filter filter:explain"


def a_page(**members: Any) -> dict[str, Any]:
    """Return a request with one post that alice filters and one that she does not."""
    candidates = [
        {"id": "p1", "author_id": "bob", "caption": "A spoiler"},
        {"id": "p2", "author_id": "carol", "caption": "A cat"},
    ]
    return {"viewer_id": "alice", "surface": "for_you", "candidates": candidates, **members}


def with_a_filter() -> Service:
    service = Service()
    service.call("POST", "/v1/me/keyword-filters", json={"id": "kf", "terms": ["spoiler"]})
    return service


def test_decisions_come_in_the_order_of_the_candidates_with_their_sum() -> None:
    answer = with_a_filter().call("POST", FEED, scope="feed:filter", json=a_page(slots=2)).get_json()

    assert [(each["id"], each["outcome"]) for each in answer["decisions"]] == [("p1", "hide"), ("p2", "keep")]
    assert (answer["removed"], answer["kept"], answer["fetch_more"]) == ({"keyword_filter": 1}, 1, 1)
    assert (answer["revision"], answer["degraded"]) == (1, False)


def test_reasons_are_codes_alone_without_the_scope_to_explain() -> None:
    service = with_a_filter()

    named = service.call("POST", FEED, scope="feed:filter", json=a_page()).get_json()["decisions"][0]
    explained = service.call("POST", FEED, scope=EXPLAINED, json=a_page()).get_json()["decisions"][0]

    assert named["reasons"] == [{"code": "keyword_filter"}]
    assert explained["reasons"] == [
        {
            "code": "keyword_filter",
            "setting_id": "kf",
            "field": "caption",
            "span": [2, 9],
            "source": "user",
            "evasion": False,
        }
    ]


def test_msgpack_says_what_json_says() -> None:
    service = with_a_filter()
    as_json = service.call("POST", FEED, scope="feed:filter", json=a_page()).get_json()

    answer = service.call(
        "POST",
        FEED,
        scope="feed:filter",
        data=msgspec.msgpack.encode(a_page()),
        content_type="application/msgpack",
        headers={"Accept": "application/msgpack"},
    )

    assert answer.mimetype == "application/msgpack"
    assert msgspec.msgpack.decode(answer.data) == as_json


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html", ";;;q=x", ""])
def test_json_is_answered_to_whoever_does_not_ask_for_msgpack(accept: str) -> None:
    answer = Service().call("POST", FEED, scope="feed:filter", json=a_page(), headers={"Accept": accept})

    assert answer.mimetype == "application/json"


def test_the_token_of_an_edit_is_taken_and_the_decisions_show_the_edit() -> None:
    service = Service()
    token = service.call("PUT", "/v1/me/blocks/carol").headers["Consistency-Token"]

    answer = service.call("POST", FEED, scope="feed:filter", json=a_page(consistency_token=token)).get_json()

    assert [each["outcome"] for each in answer["decisions"]] == ["keep", "hide"]


@pytest.mark.parametrize("token", ["", "abc", "a" * 43, "é", "a" * 1_000])
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    answer = Service().call("POST", FEED, scope="feed:filter", json=a_page(consistency_token=token))

    assert (answer.status_code, answer.get_json()["code"]) == (400, "unreadable-token")


def test_a_token_is_good_for_one_user_only() -> None:
    service = Service()
    token = service.call("PUT", "/v1/me/blocks/carol").headers["Consistency-Token"]

    answer = service.call(
        "POST", FEED, scope="feed:filter", json=a_page(viewer_id="bob", consistency_token=token)
    )

    assert answer.get_json()["code"] == "unreadable-token"


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        ({"viewer_id": ""}, "viewer_id"),
        ({"viewer_id": "a" * 129}, "viewer_id"),
        ({"viewer_id": None}, "viewer_id"),
        ({"surface": "moon"}, "surface"),
        ({"slots": 0}, "slots"),
        ({"slots": LARGEST_REQUEST + 1}, "slots"),
        ({"slot": 1}, "slot"),
        ({"candidates": [{"id": "p"}]}, "candidates[0].author_id"),
        ({"candidates": [{"id": "p", "author_id": "a", "hashtags": "cats"}]}, "candidates[0].hashtags"),
        (
            {"candidates": [{"id": "p", "author_id": "a", "created_at": "2026-01-01T00:00:00"}]},
            "candidates[0].created_at",
        ),
        (
            {"candidates": [{"id": "p", "author_id": "a", "quoted": {"text": ""}}]},
            "candidates[0].quoted.author_id",
        ),
    ],
)
def test_a_member_that_cannot_be_used_is_named(members: dict[str, Any], wrong: str) -> None:
    answer = Service().call("POST", FEED, scope="feed:filter", json=a_page(**members))

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [wrong])


def test_a_page_without_candidates_is_answered() -> None:
    answer = Service().call("POST", FEED, scope="feed:filter", json=a_page(candidates=[], slots=5)).get_json()

    assert (answer["decisions"], answer["kept"], answer["fetch_more"]) == ([], 0, 5)


def test_a_page_that_comes_in_chunks_weighs_what_it_weighs() -> None:
    service = Service()
    with service.settings.edit("alice") as settings:
        for number in range(15):
            terms = tuple(f"*word{number} {each}*" for each in range(20))
            settings.keyword_filters.put(a_keyword_filter(filter_id=f"kf{number}", terms=terms))

    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    answer = service.call(
        "POST", FEED, scope="feed:filter", json=a_page(), environ_overrides=chunked
    ).get_json()

    assert (answer["degraded"], answer["kept"]) == (False, 2)


def test_what_cannot_be_told_while_the_store_is_away_is_said_to_be_unverified() -> None:
    service = Service()
    service.settings.is_reachable = False

    answer = service.call("POST", FEED, scope="feed:filter", json=a_page(slots=2)).get_json()

    assert [each["outcome"] for each in answer["decisions"]] == ["unverified", "unverified"]
    assert (answer["degraded"], answer["kept"]) == (True, 0)


def test_a_post_that_nothing_lifts_has_no_multiplier_though_a_setting_names_it() -> None:
    service = Service()
    service.call("PUT", "/v1/me/mutes/user/bob", json={"scopes": ["comments"]})

    answer = service.call("POST", FEED, scope="feed:filter", json=a_page()).get_json()

    assert answer["decisions"] == [{"id": "p1", "outcome": "keep"}, {"id": "p2", "outcome": "keep"}]


@pytest.mark.parametrize(
    ("action", "multiplier"), [("downrank", 0.25), ("blur", 0.5), ("warn", 0.5), ("hide", None)]
)
def test_kf_08_a_post_behind_a_cover_is_lowered_too(action: str, multiplier: float | None) -> None:
    service = Service()
    service.call("POST", "/v1/me/keyword-filters", json={"terms": ["alpha"], "action": "downrank"})
    service.call("POST", "/v1/me/keyword-filters", json={"terms": ["beta"], "action": action})
    candidate = {"id": "p1", "author_id": "bob", "caption": "alpha beta"}

    answer = service.call(
        "POST",
        "/v1/feed/filter",
        scope="feed:filter",
        json={"viewer_id": "alice", "surface": "for_you", "candidates": [candidate]},
    )

    [decision] = answer.get_json()["decisions"]
    assert (decision["outcome"], decision.get("multiplier")) == (action, multiplier)


BATCH = "/v1/feed/filter/batch"
PAGES = 10_000
EMPTIED = a_page(candidates=[{"id": "p1", "author_id": "bob", "caption": "A spoiler"}], slots=5)
REQUESTS: list[dict[str, Any]] = [
    a_page(),
    EMPTIED,
    a_page(slots=1, viewer_id="dora"),
    a_page(surface="nowhere"),
    a_page(consistency_token="foreign"),
    a_page(slots=0),
    a_page(unknown=True),
    a_page(candidates=[]),
    {"viewer_id": ""},
]


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what is never the same twice."""
    return {name: value for name, value in answer.items() if name != "consistency_token"}


def decided_together(service: Service, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answer = service.call("POST", BATCH, scope="feed:filter", json={"requests": requests})
    assert answer.status_code == 200
    return [told(each) for each in answer.get_json()["results"]]


def test_a_page_among_others_is_answered_as_if_it_had_come_alone() -> None:
    service, chance, answered = with_a_filter(), random.Random(6), 0
    alone = [told(service.call("POST", FEED, scope="feed:filter", json=each).get_json()) for each in REQUESTS]

    while answered < PAGES:
        chosen = chance.choices(range(len(REQUESTS)), k=chance.randint(0, LARGEST_BATCH))
        together = decided_together(service, [REQUESTS[number] for number in chosen])
        assert together == [alone[number] for number in chosen]
        answered += len(together)


def test_a_page_that_was_emptied_among_others_says_how_many_to_fetch() -> None:
    [emptied, other] = decided_together(with_a_filter(), [EMPTIED, a_page(slots=1)])

    assert (emptied["kept"], emptied["fetch_more"], other["fetch_more"]) == (0, 5, 0)


def test_a_batch_that_answers_one_page_for_another_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    service, requests = with_a_filter(), [a_page(), a_page(viewer_id="dora")]
    first: list[Any] = []

    def forgetful(wanted: Any, size: int) -> Any:
        first.append(first[0] if first else answer_to(wanted, size))
        return first[0]

    answer_to = feed._answer_to
    monkeypatch.setattr(feed, "_answer_to", forgetful)

    together = decided_together(service, requests)

    monkeypatch.undo()
    alone = [told(service.call("POST", FEED, scope="feed:filter", json=each).get_json()) for each in requests]
    assert together != alone


def test_a_batch_has_at_most_fifty_pages() -> None:
    full = {"requests": [a_page(candidates=[])] * 51}

    answer = Service().call("POST", BATCH, scope="feed:filter", json=full)

    assert answer.status_code == 422
    assert answer.get_json() | {"code": "limit-reached", "limit": 50, "current": 51} == answer.get_json()


def test_a_batch_of_which_nothing_can_be_decided_is_refused_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nobody_answers(*_: object, **__: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(feed, "filter_feed", nobody_answers)

    answer = Service().call("POST", BATCH, scope="feed:filter", json={"requests": [a_page(), a_page()]})

    assert (answer.status_code, answer.get_json()["code"]) == (503, "store-unavailable")
    assert answer.headers["Retry-After"]


def test_a_batch_travels_as_msgpack_too() -> None:
    service = with_a_filter()
    data = msgspec.msgpack.encode({"requests": [a_page(), {"viewer_id": "alice"}]})

    answer = service.call(
        "POST",
        BATCH,
        scope="feed:filter",
        data=data,
        headers={"Content-Type": "application/msgpack", "Accept": "application/msgpack"},
    )

    decided, refused = msgspec.msgpack.decode(answer.data)["results"]
    assert decided["removed"] == {"keyword_filter": 1}
    assert refused["code"] == "invalid"
