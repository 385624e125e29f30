"""Export and import over HTTP."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.domain.imports import LARGEST_IMPORT_BYTES
from tests.api.calling import Service


def body_of(answer: TestResponse) -> Any:
    return answer.json


def bring(service: Service, how: str = "", **request: Any) -> TestResponse:
    return service.call("POST", f"/v1/me/import{how}", **request)


def with_settings() -> Service:
    service = Service()
    service.call("POST", "/v1/me/keyword-filters", json={"terms": ["cat*", "dog"], "action": "warn"})
    service.call("PUT", "/v1/me/allow-phrases", json={"phrases": ["cat food"]}, headers={"If-Match": "*"})
    service.call("PUT", "/v1/me/blocks/troll", json={"note": "rude"})
    service.call("PUT", "/v1/me/mutes/hashtag/giveaway")
    service.call("POST", "/v1/me/not-interested", json={"item_id": "p1", "surface": "for_you", "reasons": []})
    service.call("PATCH", "/v1/me/comment-limits", json={"keyword_terms": ["ugly"]})
    return service


def test_kf_15_what_one_account_exports_another_imports() -> None:
    exported = with_settings().call("GET", "/v1/me/export")
    other = Service()

    report = bring(other, json=exported.json)
    back = other.call("GET", "/v1/me/export")

    assert exported.headers["Content-Disposition"] == 'attachment; filename="settings.json"'
    assert body_of(report)["added"] == 6
    for kind in ("keyword_filters", "allow_phrases", "blocks", "mutes"):
        assert body_of(back)[kind] == body_of(exported)[kind]
    assert body_of(bring(other, "?mode=replace", json=back.json))["duplicate"] == 6


def test_kf_15_terms_travel_as_plain_text_too() -> None:
    exported = with_settings().call("GET", "/v1/me/export", headers={"Accept": "text/plain"})
    other = Service()

    report = bring(other, data=exported.data, content_type="text/plain; charset=utf-8")

    assert exported.text == "cat*\ndog\n"
    assert body_of(report)["kinds"]["keyword_filters"] == {
        "added": 1,
        "changed": 0,
        "removed": 0,
        "duplicate": 0,
    }
    assert body_of(bring(other, data=exported.data, content_type="text/plain"))["duplicate"] == 2


def test_kf_15_a_dry_run_says_what_would_be_and_does_not_do_it() -> None:
    service = Service()

    answer = bring(
        service, "?dry_run=true", json={"keyword_filters": [{"terms": ["good"]}, {"terms": ["x"]}]}
    )

    assert body_of(answer)["added"] == 1
    assert [(row["row"], row["code"]) for row in body_of(answer)["invalid"]] == [
        ("keyword_filters[1]", "unmatchable-term")
    ]
    assert body_of(service.call("GET", "/v1/me/keyword-filters"))["items"] == []


def test_kf_15_rows_that_cannot_be_used_refuse_the_whole_import() -> None:
    service = Service()

    answer = bring(service, json={"keyword_filters": [{"terms": ["good"]}, {"terms": ["x"]}]})

    assert (answer.status_code, body_of(answer)["code"]) == (422, "invalid-import")
    assert [row["row"] for row in body_of(answer)["invalid"]] == ["keyword_filters[1]"]
    assert body_of(service.call("GET", "/v1/me/keyword-filters"))["items"] == []


def test_kf_15_a_second_import_at_the_same_time_is_told_to_wait() -> None:
    service = Service()

    with service.settings.edit("alice", alone=True):
        answer = bring(service, json={"allow_phrases": ["cat food"]})

    assert (answer.status_code, body_of(answer)["code"]) == (409, "import-under-way")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"data": b"\xff", "content_type": "text/plain"}, 400),
        ({"data": b"{}", "content_type": "text/csv"}, 415),
        ({"json": []}, 422),
        ({"json": {"filters": []}}, 422),
        ({"json": {"format": "safety-controls/2", "blocks": []}}, 422),
        ({"json": {"blocks": {}}}, 422),
        ({"json": {"blocks": [[[[]]], None, "x", {"user_id": ""}]}}, 422),
        ({"json": {"comment_limits": 7}}, 422),
        ({"json": {"keyword_filters": [{"terms": ["a\u0000b"]}]}}, 422),
        ({"json": {"keyword_filters": [{"terms": ["ok"], "created_at": "2999-01-01T00:00:00Z"}]}}, 422),
        ({"json": {"keyword_filters": [{"terms": ["ok"], "created_at": "2020-01-01T00:00:00"}]}}, 422),
        ({"json": {"blocks": [{}] * 20_001}}, 422),
        ({"data": b" " * (LARGEST_IMPORT_BYTES + 1), "content_type": "text/plain"}, 413),
    ],
)
def test_kf_15_a_body_that_is_no_import_is_refused_in_words(request_: dict[str, Any], status: int) -> None:
    assert bring(Service(), **request_).status_code == status


@pytest.mark.parametrize("how", ["?mode=overwrite", "?dry_run=perhaps", "?force=true"])
def test_kf_15_a_query_that_says_something_else_is_refused(how: str) -> None:
    assert bring(Service(), how, json={}).status_code == 422


def test_kf_15_an_import_may_be_larger_than_any_other_call() -> None:
    large = {"blocks": [{"user_id": f"user{number}", "note": "x" * 200} for number in range(6_000)]}

    assert body_of(bring(Service(), json=large))["added"] == 6_000
