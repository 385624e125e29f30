"""Allow phrases over HTTP."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.calling import Service

PATH = "/v1/me/allow-phrases"


def put(service: Service, phrases: list[str], if_match: str | None = "*") -> TestResponse:
    headers = {} if if_match is None else {"If-Match": if_match}
    return service.call("PUT", PATH, json={"phrases": phrases}, headers=headers)


def body_of(answer: TestResponse) -> Any:
    return answer.json


def test_kf_09_phrases_are_read_back_with_an_etag_that_lets_them_be_replaced() -> None:
    service = Service()

    first = service.call("GET", PATH)
    put_answer = put(service, ["spoiler alert"], first.headers["ETag"])
    read = service.call("GET", PATH)

    assert first.json == {"phrases": [], "revision": 0}
    assert put_answer.json == read.json == {"phrases": ["spoiler alert"], "revision": 1}
    assert put_answer.headers["ETag"] == read.headers["ETag"] != first.headers["ETag"]
    assert body_of(service.call("GET", "/v1/me/settings"))["allow_phrases"] == read.json


def test_kf_09_replacing_everything_unseen_is_refused() -> None:
    service = Service()

    answer = put(service, ["spoiler alert"], if_match=None)

    assert (answer.status_code, body_of(answer)["code"]) == (428, "if-match-missing")
    assert body_of(service.call("GET", PATH))["phrases"] == []


def test_kf_09_a_device_that_is_behind_is_told_the_current_phrases() -> None:
    service = Service()
    put(service, ["spoiler alert"])

    answer = put(service, ["mine"], if_match='"0"')

    assert (answer.status_code, body_of(answer)["code"]) == (412, "revision-mismatch")
    assert body_of(answer)["current"] == {"phrases": ["spoiler alert"], "revision": 1}


@pytest.mark.parametrize("made_up", ['""', '"x"', '"1", ""', ",", "nonsense"])
def test_kf_09_an_etag_that_is_none_of_ours_is_refused(made_up: str) -> None:
    answer = put(Service(), ["mine"], if_match=made_up)

    assert answer.status_code in {412, 422}


def test_kf_09_one_phrase_too_many_is_refused_with_limit_and_current() -> None:
    answer = put(Service(), [f"phrase {number}" for number in range(101)])

    assert (answer.status_code, body_of(answer)["code"]) == (422, "limit-reached")
    assert (body_of(answer)["limit"], body_of(answer)["current"]) == (100, 101)


def test_kf_09_a_phrase_that_is_sent_twice_is_kept_once() -> None:
    assert body_of(put(Service(), ["one", "two", "one"]))["phrases"] == ["one", "two"]


@pytest.mark.parametrize("body", [{}, {"phrases": "one"}, {"phrases": [7]}, {"phrases": [], "revision": 1}])
def test_kf_09_a_body_that_is_no_list_of_phrases_is_refused(body: dict[str, Any]) -> None:
    answer = Service().call("PUT", PATH, json=body, headers={"If-Match": "*"})

    assert (answer.status_code, body_of(answer)["code"]) == (422, "invalid")


def test_kf_09_a_feed_lets_through_what_a_phrase_allows_from_the_next_decision_on() -> None:
    service = Service()
    service.call("POST", "/v1/me/keyword-filters", json={"terms": ["spoiler"]})
    wanted = {
        "viewer_id": "alice",
        "surface": "for_you",
        "candidates": [{"id": "p", "author_id": "bob", "caption": "Spoiler alert!"}],
    }

    before = service.call("POST", "/v1/feed/filter", scope="feed:filter", json=wanted)
    put(service, ["spoiler alert"])
    after = service.call("POST", "/v1/feed/filter", scope="feed:filter", json=wanted)

    assert [body_of(each)["decisions"][0]["outcome"] for each in (before, after)] == ["hide", "keep"]
