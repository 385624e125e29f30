"""Bad input of every kind: a problem document that says what is wrong, never a failure of ours."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from service.api.errors import MOST_TOLD
from service.api.examples import EXAMPLES
from service.api.requests import LARGEST_FEED_BODY, LARGEST_SETTINGS_BODY
from service.domain.people import ID_LENGTH
from service.usecases.insight_ports import InsightParts
from service.usecases.ports import StoreUnavailable
from tests.api.calling import Service, operations
from tests.api.identity import SteppedClock

FILTERS = "/v1/me/keyword-filters"
FEED = "/v1/feed/filter"
JSON = "application/json"
MSGPACK = "application/msgpack"
WITH_BODY = sorted(
    name
    for name, (_, _, told) in operations().items()
    if JSON in told.get("requestBody", {}).get("content", {})  # people send forms to pages
    and name != "exports_post_import"  # plain text too, and larger than any other
)
CALLS = sorted(name for name, (_, path, _) in operations().items() if path.startswith("/v1/"))
WITH_IDS = sorted(name for name, (_, path, _) in operations().items() if "{" in path)
REPORTS = ["events_judge_shown", "events_report"]
ASKING_THE_STORE = sorted(
    name
    for name, (_, path, _) in operations().items()
    if path.startswith("/v1") and name not in {"keyword_filters_preview", "feed_filter_pages", *REPORTS}
)
TYPED = ["feed_filter_candidates", "feed_filter_pages", "comments_check"]
STRUCTS = [*TYPED, *REPORTS]
EMPTY_FEED = {"viewer_id": "alice", "surface": "for_you", "candidates": []}


def call(name: str, **request: Any) -> TestResponse:
    """Make the call of that name, with the right scope and something in its places."""
    method, path, operation = operations()[name]
    places = dict.fromkeys(re.findall(r"{(\w+)}", path), "somebody")
    ids = places | {"type": "user"} | request.pop("ids", {})
    return Service().call(method, path.format(**ids), scope=scope_of(operation), **request)


def scope_of(operation: dict[str, Any]) -> str | None:
    return next((scope for need in operation["security"] for scope in need["bearer"]), None)


def told(answer: TestResponse) -> tuple[int, str]:
    """Return status and code."""
    return answer.status_code, str(answer.get_json()["code"])


# Bodies.


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_of_another_media_type_is_not_read(name: str) -> None:
    answer = call(name, data=b"terms=spoiler", content_type="application/x-www-form-urlencoded")

    assert told(answer) == (415, "unsupported-media-type")


@pytest.mark.parametrize("name", ["blocks_put_block", "exports_post_import", *TYPED])
def test_a_compressed_body_is_refused_as_such(name: str) -> None:
    answer = call(name, data=gzip.compress(b"{}"), content_type=JSON, headers={"Content-Encoding": "gzip"})

    assert told(answer) == (415, "unsupported-media-type")
    assert "Content-Encoding" in answer.get_json()["detail"]


@pytest.mark.parametrize("name", WITH_BODY)
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"id": "\xff"}',
        b'{"id": "\\ud800"}',
        b'{"\\ud800": 1}',
        b'{"position": NaN}',
        b'{"id": "a"} {}',
        '{"id": "a"}'.encode("utf-16"),
    ],
    ids=["cut", "bytes", "surrogate", "surrogate member", "NaN", "two values", "UTF-16"],
)
def test_broken_json_is_a_bad_request(name: str, body: bytes) -> None:
    answer = call(name, data=body, content_type=JSON)

    # A typed decoder stops at the first member that is wrong, before it reaches what is broken.
    assert told(answer) == (400, "bad-request") or (name in STRUCTS and told(answer) == (422, "invalid"))


@pytest.mark.parametrize("name", WITH_BODY)
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"id":' * 20_000,
        b'{"position": ' + b"9" * 5_000 + b"}",
        b"[]",
        b"7",
        b'"text"',
        b'{"\\u0000": 1}',
    ],
    ids=["deep lists", "deep members", "long number", "list", "number", "text", "NUL member"],
)
def test_json_that_is_not_what_is_asked_for_is_refused(name: str, body: bytes) -> None:
    assert call(name, data=body, content_type=JSON).status_code in {400, 422}


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_that_is_no_object_is_told_as_the_body(name: str) -> None:
    answer = call(name, data=b"null", content_type=JSON, headers={"If-Match": "*"})

    assert told(answer) == (422, "invalid")
    assert list(answer.get_json()["errors"]) == ["body"]


@pytest.mark.parametrize("said", [1, 0, 1.0, "true", "on", None])
def test_a_switch_is_on_or_off_and_nothing_that_passes_for_it(said: object) -> None:
    service = Service()

    filtered = service.call("POST", FILTERS, json={"terms": ["spoiler"], "enabled": said})
    limited = service.call("PATCH", "/v1/me/comment-limits", json={"gates": {"no_links": said}})
    approved = service.call("POST", "/v1/me/held-comments/c1/approve", json={"trust": said})

    assert [told(each) for each in (filtered, limited, approved)] == [(422, "invalid")] * 3


def test_a_member_that_is_no_object_is_told_by_its_own_name() -> None:
    service = Service()

    filtered = service.call("POST", FILTERS, json={"terms": ["spoiler"], "author_scope": "everyone"})
    limited = service.call("PATCH", "/v1/me/comment-limits", json={"gates": []})

    assert filtered.get_json()["errors"] == {"author_scope": ["Not an object."]}
    assert limited.get_json()["errors"] == {"gates": ["Not an object."]}


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_member_that_nobody_knows_is_named(name: str) -> None:
    answer = call(name, json={"colour": "red"})

    assert told(answer) == (422, "invalid")
    assert "colour" in answer.text


@pytest.mark.parametrize("name", WITH_BODY)
@pytest.mark.parametrize("says_its_length", [True, False])
def test_a_body_that_is_too_large_is_not_read(name: str, says_its_length: bool) -> None:  # noqa: FBT001
    largest = (
        LARGEST_FEED_BODY
        if operations()[name][1].startswith(("/v1/feed", "/v1/comments", "/v1/events"))
        else LARGEST_SETTINGS_BODY
    )
    chunked = {} if says_its_length else {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}

    answer = call(name, data=b" " * (largest + 1), content_type=JSON, environ_overrides=chunked)

    assert told(answer) == (413, "too-large")


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\x81\xa9viewer_id\xa1\xff", 400),
        (b"\x81\xa9viewer_id\xa3\xed\xa0\x80", 400),
        (b"\x91" * 100_000, 422),
        (msgspec.msgpack.encode(EMPTY_FEED)[:-1], 400),
        (msgspec.msgpack.encode({"viewer_id": b"alice"}), 422),
        (msgspec.msgpack.encode({"viewer_id": msgspec.msgpack.Ext(1, b"")}), 422),
        (msgspec.msgpack.encode({"viewer_id": float("nan")}), 422),
        (b"", 400),
    ],
    ids=["bytes", "surrogate", "deep", "cut", "binary", "extension", "NaN", "nothing"],
)
def test_broken_msgpack_is_refused_as_json_is(name: str, body: bytes, status: int) -> None:
    answer = call(name, data=body, content_type=MSGPACK)

    assert answer.status_code in {status, status if name == "feed_filter_candidates" else 422}
    assert answer.mimetype == "application/problem+json"


TOO_MANY = msgspec.json.encode(EMPTY_FEED | {"candidates": [{"id": "p1", "author_id": "ann"}] * 501})


@pytest.mark.parametrize(
    ("body", "kind", "refused"),
    [
        (TOO_MANY[:-1], JSON, (400, "bad-request")),
        (TOO_MANY[:-1] + b',"x":' + b"[" * 100_000, JSON, (400, "bad-request")),
        (TOO_MANY[:-1] + b',"candidates":5}', JSON, (422, "invalid")),
        (b"\x81\xaacandidates\xdd\xff\xff\xff\xff", MSGPACK, (400, "bad-request")),
    ],
    ids=["cut", "deep", "said twice", "only claimed"],
)
def test_too_long_a_list_with_something_broken_behind_it_is_refused(
    body: bytes, kind: str, refused: tuple[int, str]
) -> None:
    assert told(call("feed_filter_candidates", data=body, content_type=kind)) == refused


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "a\x1b[31mb", "a\x85b"])
def test_control_characters_are_refused_wherever_text_is_kept(text: str) -> None:
    service = Service()

    for path, body in (
        ("/v1/me/blocks/bob", {"note": text}),
        ("/v1/me/mutes/user/bob", {"note": text}),
        ("/v1/me/not-interested", {"item_id": text, "surface": "for_you"}),
    ):
        method = "POST" if path.endswith("interested") else "PUT"
        assert told(service.call(method, path, json=body)) == (422, "invalid")
    for wanted in (
        {"terms": [text]},
        {"terms": ["spoiler"], "title": text},
        {"terms": ["spoiler"], "id": text},
    ):
        assert told(service.call("POST", FILTERS, json=wanted)) == (422, "invalid")
    assert told(service.call("PATCH", "/v1/me/comment-limits", json={"keyword_terms": [text]})) == (
        422,
        "invalid",
    )


def test_a_viewer_with_control_characters_is_refused() -> None:
    assert told(call("feed_filter_candidates", json={**EMPTY_FEED, "viewer_id": "a\0"})) == (422, "invalid")


# Paths and queries.


@pytest.mark.parametrize("name", WITH_IDS)
@pytest.mark.parametrize("written", ["a" * 129, "a%00b", "a%0Ab", "%C2%85"])
def test_an_id_that_cannot_be_one_is_refused(name: str, written: str) -> None:
    place = re.findall(r"{(\w+)}", operations()[name][1])[-1]

    answer = call(name, ids={place: written})

    assert told(answer) == (422, "invalid")
    assert list(answer.get_json()["errors"]) == [place]


def test_an_id_of_the_largest_length_is_fine() -> None:
    assert call("blocks_put_block", ids={"target_id": "a" * 128}).status_code == 201


@pytest.mark.parametrize("raw", ["/v1/me/blocks/\xff", "/v1/me/blocks/\xed\xa0\x80"])
def test_bytes_that_are_no_text_are_not_an_id(raw: str) -> None:
    answer = Service().call("PUT", "/v1/me/blocks/bob", environ_overrides={"PATH_INFO": raw})

    assert told(answer) == (400, "bad-request")


@pytest.mark.parametrize(
    ("query", "member"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("cursor=zzz", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=%FF", "cursor"),
        ("cursor=" + "a" * 1025, "cursor"),
        ("page=2", "page"),
    ],
)
@pytest.mark.parametrize("path", [FILTERS, "/v1/me/blocks", "/v1/me/mutes", "/v1/me/not-interested"])
def test_a_query_that_cannot_be_answered_names_the_parameter(path: str, query: str, member: str) -> None:
    answer = Service().call("GET", f"{path}?{query}")

    assert told(answer) == (422, "invalid")
    assert list(answer.get_json()["errors"]) == [member]


@pytest.mark.parametrize("name", CALLS)
def test_a_query_parameter_that_nobody_knows_is_named(name: str) -> None:
    answer = call(name, query_string={"colour": "red"})

    assert told(answer) == (422, "invalid")
    assert "colour" in answer.get_json()["errors"]


@pytest.mark.parametrize(
    "query", ["blocks?limit=1&limit=2", "changes?limit=1&limit=1", "held-comments?limited=true&limited=false"]
)
def test_a_query_that_says_something_twice_is_refused(query: str) -> None:
    answer = Service().call("GET", f"/v1/me/{query}")

    assert told(answer) == (422, "invalid")
    assert answer.get_json()["errors"] == {
        query[query.index("?") + 1 : query.index("=")]: ["Is there twice."]
    }


@pytest.mark.parametrize(
    ("path", "put", "of_list"),
    [
        ("/v1/me/blocks", "/v1/me/blocks/", "/v1/me/blocks?limit=1&cursor="),
        ("/v1/me/mutes", "/v1/me/mutes/topic/", "/v1/me/mutes?limit=1&cursor="),
        ("/v1/me/changes", "/v1/me/blocks/", "/v1/me/changes?limit=1&since="),
    ],
)
def test_whatever_goes_on_does_so_after_the_longest_id(path: str, put: str, of_list: str) -> None:
    service = Service()
    for last in "ab":
        assert service.call("PUT", put + "\N{PINEAPPLE}" * (ID_LENGTH - 1) + last).status_code == 201
    first = service.call("GET", f"{path}?limit=1").get_json()

    then = service.call("GET", of_list + (first.get("next_cursor") or first["next"]))

    assert then.status_code == 200
    assert len(then.get_json().get("items") or then.get_json()["changes"]) == 1


def test_a_path_that_does_not_exist_is_a_problem_too() -> None:
    answer = Service().call("GET", "/v1/nothing")

    assert told(answer) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v1/me/settings", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", FILTERS, {"GET", "HEAD", "OPTIONS", "POST"}),
        ("GET", FEED, {"POST", "OPTIONS"}),
        ("PUT", f"{FILTERS}/kf", {"GET", "HEAD", "OPTIONS", "PATCH", "DELETE"}),
    ],
)
def test_a_method_that_a_path_does_not_take_is_told_which_it_takes(
    method: str, path: str, allowed: set[str]
) -> None:
    answer = Service().call(method, path, json={})

    assert told(answer) == (405, "method-not-allowed")
    assert {name.strip() for name in answer.headers["Allow"].split(",")} == allowed


def test_methods_that_callers_make_up_are_counted_as_one() -> None:
    for method in ("PLUGH", "XYZZY"):
        Service().app.test_client().open("/healthz", method=method)

    labels = {"route": "none", "status": "405"}
    counted = [
        REGISTRY.get_sample_value("http_request_seconds_count", labels | {"method": method})
        for method in ("other", "PLUGH", "XYZZY")
    ]
    assert counted[0]
    assert counted[1:] == [None, None]


@pytest.mark.parametrize("path", [FILTERS, "/v1/me/blocks/batch"])
def test_no_more_members_are_told_to_be_wrong_than_anybody_reads(path: str) -> None:
    wrong = {f"plugh{number}": 1 for number in range(10_000)}

    answer = Service().call("POST", path, json=wrong)

    assert told(answer) == (422, "invalid")
    assert len(answer.get_json()["errors"]) == MOST_TOLD


def test_a_form_that_is_no_token_is_not_read() -> None:
    answer = Service().app.test_client().post("/insights/sign-in", data={"token": "a" * 20_000})

    assert told(answer) == (413, "too-large")


# Every answer.


def test_a_request_keeps_the_name_its_caller_gave_it() -> None:
    answer = Service().call("GET", "/healthz", scope=None, headers={"X-Request-ID": "mobile-7.1"})

    assert answer.headers["X-Request-ID"] == "mobile-7.1"


@pytest.mark.parametrize("given", ["a b", "a" * 65, "ä", ""])
def test_a_request_whose_name_could_not_stand_in_a_log_gets_another(given: str) -> None:
    answer = Service().call("GET", "/healthz", scope=None, headers={"X-Request-ID": given})

    assert answer.headers["X-Request-ID"] not in {given, ""}


@pytest.mark.parametrize("path", ["/v1/me/blocks", "/v1/nothing", "/healthz"])
def test_answers_are_kept_by_nobody(path: str) -> None:
    assert Service().call("GET", path).headers["Cache-Control"] == "no-store"


class NobodyAnswers:
    """A store of figures that cannot be reached, whatever it is asked."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return self._fail

    def _fail(self, *_: object, **__: object) -> None:
        raise StoreUnavailable


@pytest.mark.parametrize("name", ASKING_THE_STORE)
def test_while_nothing_answers_the_caller_is_told_when_to_come_back(name: str) -> None:
    method, path, operation = operations()[name]
    example = EXAMPLES[name]
    nobody: Any = NobodyAnswers()
    figures = InsightParts(nobody, nobody, nobody, now=SteppedClock(), new_id=str)
    service = Service(figures=figures)
    service.settings.is_reachable = service.rules.is_reachable = False

    answer = service.call(
        method,
        path.format(**example.path),
        scope=scope_of(operation),
        query_string=example.query,
        headers=example.headers,
        **({} if example.body is None else {"json": example.body}),
    )

    assert told(answer) == (503, "store-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
