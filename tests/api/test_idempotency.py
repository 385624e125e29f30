"""SY-04: an edit under an Idempotency-Key is answered once, and repeated with the same answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.domain.answers import ANSWERS_KEPT_FOR
from service.usecases.ports import StoreUnavailable
from tests.api.calling import Service

FILTERS = "/v1/me/keyword-filters"
SIGNALS = "/v1/me/not-interested"
SPOILER: dict[str, Any] = {"terms": ["spoiler"]}


def post(service: Service, key: str, path: str = FILTERS, **request: Any) -> TestResponse:
    body = {} if "data" in request else {"json": request.pop("json", SPOILER)}
    return service.call("POST", path, headers={"Idempotency-Key": key}, **body, **request)


def filters(service: Service, user: str = "alice") -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = service.call("GET", FILTERS, user=user).get_json()["items"]
    return listed


def test_SY_04_the_same_request_again_gets_the_same_answer_and_changes_nothing() -> None:  # noqa: N802
    service = Service()

    first = post(service, "k")
    again = post(service, "k")

    assert (again.status_code, again.data) == (first.status_code, first.data) == (201, first.data)
    for header in ("ETag", "Consistency-Token", "Content-Type", "Cache-Control"):
        assert again.headers.get(header) == first.headers.get(header)
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert len(filters(service)) == 1


def test_without_a_key_or_under_another_the_same_request_is_a_new_one() -> None:
    service = Service()

    post(service, "k")
    post(service, "l")
    service.call("POST", FILTERS, json=SPOILER)

    assert len(filters(service)) == 3


def test_SY_04_another_request_under_the_same_key_is_refused() -> None:  # noqa: N802
    service = Service()
    post(service, "k")

    refused = [
        post(service, "k", json={"terms": ["other"]}),
        post(service, "k", path=SIGNALS, json={"item_id": "p", "surface": "search"}),
    ]

    assert [(each.status_code, each.get_json()["code"]) for each in refused] == [
        (422, "idempotency-key-reused")
    ] * 2
    assert [each["terms"] for each in filters(service)] == [["spoiler"]]


def test_keys_of_other_people_are_other_keys() -> None:
    service = Service()
    post(service, "k")

    assert post(service, "k", user="bob").headers.get("Idempotency-Replayed") is None
    assert len(filters(service, "bob")) == 1


def test_an_import_that_was_told_to_try_again_may_do_so_under_its_key() -> None:
    service = Service()
    brought = {"allow_phrases": ["cat food"]}

    with service.settings.edit("alice", alone=True):
        refused = post(service, "k", path="/v1/me/import", json=brought)
    again = post(service, "k", path="/v1/me/import", json=brought)

    assert (refused.status_code, again.status_code) == (409, 200)
    assert service.call("GET", "/v1/me/allow-phrases").get_json()["phrases"] == ["cat food"]


def test_what_a_request_is_refused_for_is_repeated_too() -> None:
    service = Service()
    asked = {"terms": ["spoiler"], "id": "kf"}
    service.call("POST", FILTERS, json={"terms": ["other"], "id": "kf"})

    first = post(service, "k", json=asked)
    service.call("DELETE", f"{FILTERS}/kf")
    again = post(service, "k", json=asked)

    assert (first.status_code, first.data) == (again.status_code, again.data) == (409, first.data)
    assert filters(service) == []


def test_a_body_that_cannot_be_read_is_refused_alike_and_leaves_the_key_to_itself() -> None:
    service = Service()

    answers = [post(service, "k", data=b"{", content_type="application/json") for _ in range(2)]

    assert [each.status_code for each in answers] == [400, 400]


def test_an_answer_of_5xx_is_not_repeated() -> None:
    service = Service()
    service.settings.is_reachable = False
    down = post(service, "k")
    service.settings.is_reachable = True

    assert (down.status_code, post(service, "k").status_code) == (503, 201)


def test_a_failure_within_the_story_leaves_neither_change_nor_answer() -> None:
    service = Service()
    service.rules.retire = _fail_once(service.rules.retire)  # type: ignore[method-assign]

    down = post(service, "k")
    after = post(service, "k")

    assert (down.status_code, after.status_code) == (503, 201)
    assert len(filters(service)) == 1


def _fail_once(call: Callable[..., None]) -> Callable[..., None]:
    waiting = [StoreUnavailable()]

    def failing(*arguments: Any) -> None:
        if waiting:
            raise waiting.pop()
        call(*arguments)

    return failing


def test_a_key_is_kept_for_a_day() -> None:
    service = Service()
    post(service, "k")
    service.clock.step(seconds=ANSWERS_KEPT_FOR.total_seconds() - 1)
    within = post(service, "k")
    service.clock.step(seconds=2)
    after = post(service, "k")

    assert [each.headers.get("Idempotency-Replayed") for each in (within, after)] == ["true", None]
    assert len(filters(service)) == 2


@pytest.mark.parametrize("key", ["", "a b", "ä", "k" * 256, "k\x7f"])
def test_a_key_that_is_no_plain_word_is_refused(key: str) -> None:
    service = Service()

    refused = post(service, key)

    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["Idempotency-Key"])
    assert filters(service) == []


def test_a_preview_under_a_key_is_answered_as_ever() -> None:
    service = Service()
    draft = {"filter": SPOILER, "posts": [{"id": "p", "author_id": "a", "caption": "spoiler"}]}

    answers = [post(service, "k", path=f"{FILTERS}/preview", json=draft) for _ in range(2)]

    assert [each.get_json()["matched_ids"] for each in answers] == [["p"], ["p"]]
    assert filters(service) == []


def test_a_put_sent_again_does_not_bring_back_what_was_removed_since() -> None:
    service = Service()
    keyed = {"Idempotency-Key": "k"}
    service.call("PUT", "/v1/me/blocks/bob", headers=keyed)
    service.call("DELETE", "/v1/me/blocks/bob")

    again = service.call("PUT", "/v1/me/blocks/bob", headers=keyed)

    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert service.call("GET", "/v1/me/blocks").get_json()["items"] == []


def test_a_key_with_another_if_match_belongs_to_another_request() -> None:
    service = Service()
    body = {"keyword_terms": ["ugly"]}
    answers = [
        service.call(
            "PATCH",
            "/v1/me/comment-limits",
            headers={"Idempotency-Key": "k", "If-Match": f'"{tag}"'},
            json=body,
        )
        for tag in (7, 0)
    ]

    assert [each.status_code for each in answers] == [412, 422]


def test_a_key_on_a_reading_means_nothing() -> None:
    service = Service()
    before = service.call("GET", FILTERS, headers={"Idempotency-Key": "k"})
    post(service, "other")

    assert service.call("GET", FILTERS, headers={"Idempotency-Key": "k"}).data != before.data


def test_SY_04_while_a_request_is_in_flight_the_same_one_is_told_to_wait(  # noqa: N802
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = Service()
    retire = service.rules.retire
    seen: list[int] = []

    def ask_again(*arguments: Any) -> None:
        with ThreadPoolExecutor(1) as pool:
            seen.append(pool.submit(post, service, "k").result().status_code)
        retire(*arguments)

    monkeypatch.setattr(service.rules, "retire", ask_again)
    first = post(service, "k")

    assert (first.status_code, seen) == (201, [409])


def test_an_answer_keeps_only_headers_that_belong_to_it() -> None:
    service = Service()
    first = post(service, "k", user="alice")
    again = post(service, "k", user="alice")

    assert first.headers["X-Request-ID"] != again.headers["X-Request-ID"]
