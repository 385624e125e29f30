"""Erasure over HTTP."""

from tests.api.calling import Service

FEED = {"viewer_id": "alice", "surface": "live", "candidates": [{"id": "p", "author_id": "bob"}]}


def test_everything_of_the_caller_is_gone_and_a_receipt_is_given() -> None:
    service = Service()
    service.call("PUT", "/v1/me/blocks/bob", json={"note": "rude"})
    service.call("POST", "/v1/me/keyword-filters", json={"terms": ["spoiler"]})

    receipt = service.call("DELETE", "/v1/me")

    assert (receipt.status_code, receipt.get_json()["erased_at"]) == (202, "2026-11-22T12:00:00Z")
    snapshot = service.call("GET", "/v1/me/settings").get_json()
    assert (snapshot["revision"], snapshot["keyword_filters"], snapshot["blocks"]["count"]) == (0, [], 0)


def test_erasing_again_is_fine() -> None:
    service = Service()

    assert [service.call("DELETE", "/v1/me").status_code for _ in range(2)] == [202, 202]


def test_a_key_does_not_keep_an_answer_of_somebody_who_was_erased() -> None:
    service = Service()

    answers = [service.call("DELETE", "/v1/me", headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert answers[0].get_json()["receipt"] != answers[1].get_json()["receipt"]
    assert service.settings._answers == {}


def test_nothing_cached_or_tokened_survives() -> None:
    service = Service()
    token = service.call("PUT", "/v1/me/blocks/bob").headers["Consistency-Token"]
    since = service.call("GET", "/v1/me/changes").get_json()["next"]
    service.call("POST", "/v1/feed/filter", scope="feed:filter", json=FEED)

    service.call("DELETE", "/v1/me")

    for asked in (FEED, {**FEED, "consistency_token": token}):
        decided = service.call("POST", "/v1/feed/filter", scope="feed:filter", json=asked).get_json()
        assert [each["outcome"] for each in decided["decisions"]] == ["keep"]
    assert service.call("GET", "/v1/me/changes", query_string={"since": since}).status_code == 410


def test_without_the_store_nothing_is_erased() -> None:
    service = Service()
    service.settings.is_reachable = False

    assert service.call("DELETE", "/v1/me").status_code == 503
