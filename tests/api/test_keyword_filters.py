"""Keyword filters over HTTP."""

from typing import Any

import pytest

from service.domain.keyword_filters import FILTERS_PER_USER, TERMS_PER_FILTER
from tests.api.calling import Service

FILTERS = "/v1/me/keyword-filters"


def added(service: Service, **members: Any) -> dict[str, Any]:
    """Add a filter and return it."""
    answer = service.call("POST", FILTERS, json={"id": "kf", "terms": ["spoiler"], **members})
    assert answer.status_code == 201
    filter_: dict[str, Any] = answer.get_json()
    return filter_


def test_a_filter_is_answered_as_it_is_kept() -> None:
    service = Service()

    kept = added(
        service, title="No spoilers", op="all", fields=["caption"], surfaces=["search"], action="blur"
    )

    read = service.call("GET", f"{FILTERS}/kf")
    assert read.get_json() == {name: value for name, value in kept.items() if name != "warnings"}
    assert kept["title"] == "No spoilers"
    assert (kept["op"], kept["fields"], kept["surfaces"], kept["action"]) == (
        "all",
        ["caption"],
        ["search"],
        "blur",
    )


def test_an_edit_answers_with_what_a_caller_needs_next() -> None:
    answer = Service().call("POST", FILTERS, json={"terms": ["spoiler"]})

    assert answer.status_code == 201
    assert answer.headers["ETag"] == f'"{answer.get_json()["revision"]}"'
    assert answer.headers["Consistency-Token"]


def test_the_same_filter_under_the_same_id_is_added_once() -> None:
    service = Service()
    first = added(service)

    again = service.call("POST", FILTERS, json={"id": "kf", "terms": ["spoiler"]})

    assert (again.status_code, again.get_json()) == (200, first)
    assert len(service.call("GET", FILTERS).get_json()["items"]) == 1


def test_another_filter_under_the_same_id_is_a_conflict() -> None:
    service = Service()
    added(service)

    answer = service.call("POST", FILTERS, json={"id": "kf", "terms": ["finale"]})

    assert (answer.status_code, answer.get_json()["code"]) == (409, "keyword-filter-exists")


def test_a_term_that_another_filter_has_is_kept_with_a_warning() -> None:
    service = Service()
    added(service)

    warned = service.call("POST", FILTERS, json={"terms": ["Spoiler"]}).get_json()

    assert [warning["code"] for warning in warned["warnings"]] == ["duplicate-term"]


def test_a_preset_counts_from_now_and_is_answered_as_an_instant() -> None:
    assert added(Service(), expires_in="7d")["expires_at"] == "2026-11-29T12:00:00Z"


@pytest.mark.parametrize("written", ["2026-12-01T02:00:00+02:00", "2026-12-01t00:00:00.000000000z"])
def test_an_instant_however_rfc_3339_writes_it_is_answered_in_utc(written: str) -> None:
    assert added(Service(), expires_at=written)["expires_at"] == "2026-12-01T00:00:00Z"


@pytest.mark.parametrize(
    "written", ["2026-12-01T00:00:00", "20261201T000000Z", "2026-W49-2T00Z", 1_796_083_200]
)
def test_what_is_no_instant_is_told_how_one_is_written(written: object) -> None:
    refused = Service().call("POST", FILTERS, json={"terms": ["spoiler"], "expires_at": written})

    assert refused.status_code == 422
    assert "2026-12-24T18:00:00Z" in refused.get_json()["errors"]["expires_at"][0]


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        ({"terms": []}, "terms"),
        ({"terms": [""]}, "terms"),
        ({"terms": ["a" * 1025]}, "terms"),
        ({"terms": "spoiler"}, "terms"),
        ({"id": "a" * 129}, "id"),
        ({"id": ""}, "id"),
        ({"title": "a" * 81}, "title"),
        ({"op": "some"}, "op"),
        ({"mode": "regex"}, "mode"),
        ({"fields": []}, "fields"),
        ({"fields": ["body"]}, "fields"),
        ({"surfaces": ["moon"]}, "surfaces"),
        ({"action": "delete"}, "action"),
        ({"enabled": "true"}, "enabled"),
        ({"author_scope": {"kind": "only", "people": []}}, "author_scope"),
        ({"expires_in": "2y"}, "expires_in"),
        ({"expires_in": "1h", "expires_at": "2026-12-01T00:00:00Z"}, "expires_in"),
        ({"expires_at": "2026-12-01T00:00:00"}, "expires_at"),
        ({"expires_at": "2026-12-01"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2029-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at"),
        ({"revision": 7}, "revision"),
        ({"created_at": "2026-12-01T00:00:00Z"}, "created_at"),
    ],
)
def test_a_member_that_cannot_be_used_is_named(members: dict[str, Any], wrong: str) -> None:
    answer = Service().call("POST", FILTERS, json={"terms": ["spoiler"], **members})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid")
    assert list(answer.get_json()["errors"]) == [wrong]


@pytest.mark.parametrize(
    ("members", "limit"),
    [
        ({"terms": [f"word{number}" for number in range(TERMS_PER_FILTER + 1)]}, 20),
        ({"author_scope": {"kind": "only", "authors": [f"author{number}" for number in range(51)]}}, 50),
    ],
)
def test_kf_01_kf_07_one_too_many_is_refused_with_limit_and_current(
    members: dict[str, Any], limit: int
) -> None:
    answer = Service().call("POST", FILTERS, json={"terms": ["spoiler"], **members})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "limit-reached")
    assert (answer.get_json()["limit"], answer.get_json()["current"]) == (limit, limit + 1)


def test_a_term_that_finds_nothing_is_named() -> None:
    answer = Service().call("POST", FILTERS, json={"terms": ["spoiler", "*"]})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "unmatchable-term")
    assert "term" in answer.get_json()


def test_one_filter_too_many_is_told_the_limit() -> None:
    service = Service()
    for number in range(FILTERS_PER_USER):
        added(service, id=f"kf{number}", terms=[f"word{number}"])

    answer = service.call("POST", FILTERS, json={"terms": ["spoiler"]})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "limit-reached")
    assert answer.get_json()["limit"] == FILTERS_PER_USER


def test_sy_01_a_patch_leaves_alone_what_it_does_not_name() -> None:
    service = Service()
    before = added(service, title="No spoilers", expires_in="7d")

    after = service.call("PATCH", f"{FILTERS}/kf", json={"enabled": False}).get_json()

    assert after == {**before, "enabled": False, "revision": before["revision"] + 1}


def test_null_takes_a_value_away() -> None:
    service = Service()
    added(service, title="No spoilers", expires_in="7d")

    after = service.call("PATCH", f"{FILTERS}/kf", json={"title": None, "expires_at": None}).get_json()

    assert (after["title"], after["expires_at"]) == (None, None)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_sy_03_if_match_guards_an_edit_and_answers_how_it_stands(method: str) -> None:
    service = Service()
    seen = f'"{added(service)["revision"]}"'
    service.call("PATCH", f"{FILTERS}/kf", json={"action": "warn"})
    standing = service.call("GET", f"{FILTERS}/kf")
    body: dict[str, Any] = {"json": {"action": "blur"}} if method == "PATCH" else {}

    stale = service.call(method, f"{FILTERS}/kf", headers={"If-Match": seen}, **body)
    fresh = service.call(method, f"{FILTERS}/kf", headers={"If-Match": standing.headers["ETag"]}, **body)

    assert (stale.status_code, stale.get_json()["code"]) == (412, "revision-mismatch")
    assert stale.get_json()["current"] == standing.get_json()
    assert fresh.status_code in {200, 204}


@pytest.mark.parametrize("given", ['"abc"', '"' + "9" * 5_000 + '"'])
def test_an_etag_that_was_never_ours_is_refused(given: str) -> None:
    service = Service()
    added(service)

    answer = service.call("PATCH", f"{FILTERS}/kf", json={"action": "warn"}, headers={"If-Match": given})

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["If-Match"])


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_somebody_elses_filter_is_as_absent_as_one_that_never_was(method: str) -> None:
    service = Service()
    added(service)
    body: dict[str, Any] = {"json": {}} if method == "PATCH" else {}

    theirs = service.call(method, f"{FILTERS}/kf", user="bob", **body)
    never = service.call(method, f"{FILTERS}/never", user="bob", **body)

    assert theirs.status_code == never.status_code == 404
    assert theirs.get_json() == never.get_json()


def test_a_removed_filter_is_gone_and_the_answer_has_a_token_and_no_body() -> None:
    service = Service()
    added(service)

    answer = service.call("DELETE", f"{FILTERS}/kf")

    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Consistency-Token"]
    assert service.call("GET", f"{FILTERS}/kf").status_code == 404


def test_a_list_is_handed_out_page_by_page_newest_first() -> None:
    service = Service()
    for number in range(5):
        added(service, id=f"kf{number}", terms=[f"word{number}"])
        service.clock.step(seconds=1)

    pages = [service.call("GET", f"{FILTERS}?limit=2").get_json()]
    while cursor := pages[-1]["next_cursor"]:
        pages.append(service.call("GET", f"{FILTERS}?limit=2&cursor={cursor}").get_json())

    assert [[each["id"] for each in page["items"]] for page in pages] == [
        ["kf4", "kf3"],
        ["kf2", "kf1"],
        ["kf0"],
    ]


def test_a_preview_says_what_a_draft_would_hit_and_keeps_nothing() -> None:
    service = Service()
    posts = [
        {"id": "p1", "author_id": "a", "caption": "A spoiler"},
        {"id": "p2", "author_id": "a", "caption": "A cat"},
    ]

    answer = service.call(
        "POST", f"{FILTERS}/preview", json={"filter": {"terms": ["spoiler"]}, "posts": posts}
    ).get_json()

    assert (answer["matched"], answer["total"], answer["matched_ids"]) == (1, 2, ["p1"])
    assert answer["samples"] == [{"id": "p1", "field": "caption", "index": None, "span": [2, 9]}]
    assert service.call("GET", FILTERS).get_json()["items"] == []


@pytest.mark.parametrize(
    "post", [{"id": "p1"}, {"id": "p1", "author_id": "a", "colour": "red"}, 7, {"id": "", "author_id": "a"}]
)
def test_a_preview_names_the_post_it_cannot_read(post: object) -> None:
    good = {"id": "p0", "author_id": "a"}

    answer = Service().call(
        "POST", f"{FILTERS}/preview", json={"filter": {"terms": ["spoiler"]}, "posts": [good, post]}
    )

    assert (answer.status_code, list(answer.get_json()["errors"]["posts"])) == (422, ["1"])
