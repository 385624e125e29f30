"""Every limit on what can be counted answers alike: 422 with ``limit`` and ``current``, and nothing changes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from service.domain.comment_limits import POSTS_WITH_LIMITS, PostLimits
from service.domain.imports import ROWS_PER_IMPORT
from service.domain.not_interested import SIGNALS_PER_USER, Reason
from service.domain.signal_resets import RESETS_PER_USER, Reset, ResetScope
from service.domain.topic_preferences import TOPICS_PER_USER, TopicPreference
from service.usecases.ports import SettingsEdit
from tests.api.calling import Service
from tests.builders import NOW, a_block, a_keyword_filter, a_mute, a_signal


def some(number: int, made: Callable[[str], Any] = str) -> list[Any]:
    """Return different things."""
    return [made(f"thing{each}") for each in range(number)]


def nothing(_: SettingsEdit) -> None:
    """Let the user begin with nothing."""


def full_of_filters(settings: SettingsEdit) -> None:
    for name in some(200):
        settings.keyword_filters.put(a_keyword_filter(filter_id=name))


def full_of_terms(settings: SettingsEdit) -> None:
    for number in range(50):
        terms = tuple(f"word{number}x{each}" for each in range(20))
        settings.keyword_filters.put(a_keyword_filter(filter_id=f"kf{number}", terms=terms))


def full_of_blocks(settings: SettingsEdit) -> None:
    settings.blocks.put(*(a_block(target_id=name) for name in some(10_000)))


def full_of_mutes(settings: SettingsEdit) -> None:
    settings.mutes.put(*(a_mute(id=name) for name in some(10_000)))


def full_of_sliders(settings: SettingsEdit) -> None:
    for name in some(TOPICS_PER_USER):
        settings.topic_preferences.put(TopicPreference(name, 1, NOW, 1))


def full_of_post_rules(settings: SettingsEdit) -> None:
    for name in some(POSTS_WITH_LIMITS):
        settings.post_limits.put(name, PostLimits(revision=1))


def full_of_signals(settings: SettingsEdit) -> None:
    settings.signals.put(*(a_signal(id=name) for name in some(SIGNALS_PER_USER)))


def full_of_resets(settings: SettingsEdit) -> None:
    for name in some(RESETS_PER_USER):
        settings.resets.put(Reset(name, ResetScope.ALL, NOW, 1))


@dataclass(frozen=True)
class TooMuch:
    """A call that asks for one more than there may be of something."""

    rule: str
    limit: int
    method: str
    path: str
    body: Any
    before: Callable[[SettingsEdit], None] = nothing
    scope: str = "settings"
    headers: dict[str, str] = field(default_factory=dict)
    code: str = "limit-reached"

    def __str__(self) -> str:
        """Name the test."""
        return f"{self.rule}-{self.limit}-{self.path.rpartition('/')[2]}"


POSTS = {"viewer_id": "alice", "surface": "for_you"}
SIGNAL = {"item_id": "p", "surface": "live"}
NOTHING_ELSE = dict.fromkeys(("author_id", "sound_id", "request_id", "position")) | {
    "reasons": [],
    "hashtags": [],
    "topics": [],
    "revision": 1,
}
LIMITS = [
    TooMuch("KF-02", 200, "POST", "/v1/me/keyword-filters", {"terms": ["one"]}, full_of_filters),
    TooMuch("KF-02", 1_000, "POST", "/v1/me/keyword-filters", {"terms": ["one"]}, full_of_terms),
    TooMuch("KF-02", 64, "POST", "/v1/me/keyword-filters", {"terms": ["x" * 65]}, code="unmatchable-term"),
    TooMuch("KF-01", 20, "POST", "/v1/me/keyword-filters", {"terms": some(21)}),
    TooMuch(
        "KF-07",
        50,
        "POST",
        "/v1/me/keyword-filters",
        {"terms": ["one"], "author_scope": {"kind": "only", "authors": some(51)}},
    ),
    TooMuch("KF-05", 9, "POST", "/v1/me/keyword-filters", {"terms": ["one"], "fields": ["caption"] * 10}),
    TooMuch("KF-06", 6, "POST", "/v1/me/keyword-filters", {"terms": ["one"], "surfaces": ["live"] * 7}),
    TooMuch(
        "KF-09",
        100,
        "PUT",
        "/v1/me/allow-phrases",
        {"phrases": some(101)},
        headers={"If-Match": "*"},
    ),
    TooMuch(
        "KF-12",
        500,
        "POST",
        "/v1/me/keyword-filters/preview",
        {"filter": {"terms": ["one"]}, "posts": some(501, lambda name: {"id": name, "author_id": "ann"})},
    ),
    TooMuch(
        "KF-15",
        ROWS_PER_IMPORT,
        "POST",
        "/v1/me/import",
        {
            "format": "safety-controls/1",
            "blocks": some(ROWS_PER_IMPORT + 1, lambda name: {"user_id": name}),
        },
    ),
    TooMuch(
        "NI-01",
        100,
        "POST",
        "/v1/me/not-interested/batch",
        {"signals": some(101, lambda name: {"item_id": name, "surface": "live"})},
    ),
    TooMuch("NI-10", TOPICS_PER_USER, "PUT", "/v1/me/topic-preferences/tea", {"level": 1}, full_of_sliders),
    TooMuch(
        "NI-09", RESETS_PER_USER, "POST", "/v1/me/not-interested/reset", {"scope": "all"}, full_of_resets
    ),
    TooMuch("NI-01", SIGNALS_PER_USER, "POST", "/v1/me/not-interested", SIGNAL, full_of_signals),
    TooMuch(
        "KF-15",
        SIGNALS_PER_USER,
        "POST",
        "/v1/me/import",
        {"not_interested": [SIGNAL | {"id": "one", "at": "2026-11-22T11:00:00Z"} | NOTHING_ELSE]},
        full_of_signals,
    ),
    TooMuch(
        "NI-02",
        len(Reason),
        "POST",
        "/v1/me/not-interested",
        SIGNAL | {"reasons": [Reason.OTHER] * (len(Reason) + 1)},
    ),
    TooMuch("NI-02", 100, "POST", "/v1/me/not-interested", SIGNAL | {"hashtags": some(101)}),
    TooMuch("NI-02", 50, "POST", "/v1/me/not-interested", SIGNAL | {"topics": some(51)}),
    TooMuch("BM-05", 5, "PUT", "/v1/me/mutes/user/troll", {"scopes": ["posts"] * 6}),
    TooMuch("CL-01", 6, "PATCH", "/v1/me/comment-limits", {"who_can_comment": ["friends"] * 7}),
    TooMuch("BM-07", 200, "PUT", "/v1/me/blocks/troll", {"note": "x" * 201}),
    TooMuch("BM-07", 200, "PUT", "/v1/me/mutes/user/troll", {"note": "x" * 201}),
    TooMuch("BM-08", 100, "POST", "/v1/me/blocks/batch", {"remove": some(101)}),
    TooMuch("BM-09", 10_000, "PUT", "/v1/me/blocks/troll", {}, full_of_blocks),
    TooMuch("BM-09", 10_000, "PUT", "/v1/me/mutes/user/troll", {}, full_of_mutes),
    TooMuch("CL-03", 1_000, "PATCH", "/v1/me/comment-limits", {"approved_users": some(1_001)}),
    TooMuch("CL-04", 500, "PATCH", "/v1/me/comment-limits", {"keyword_terms": some(501)}),
    TooMuch(
        "CL-04",
        100,
        "POST",
        "/v1/me/held-comments/batch",
        {"items": some(101, lambda name: {"comment_id": name, "verdict": "approve"})},
    ),
    TooMuch(
        "CL-01",
        POSTS_WITH_LIMITS,
        "PUT",
        "/v1/me/posts/p/comment-limits",
        {"hold_mode": "all"},
        full_of_post_rules,
    ),
    TooMuch(
        "FD-01",
        500,
        "POST",
        "/v1/feed/filter",
        POSTS | {"candidates": some(501, lambda name: {"id": name, "author_id": "ann"})},
        scope="feed:filter",
    ),
    TooMuch(
        "CL-09",
        200,
        "POST",
        "/v1/comments/check",
        {
            "post": {"id": "p", "owner_id": "alice"},
            "comments": some(201, lambda name: {"id": name, "author_id": "ann", "text": "hi"}),
        },
        scope="comments:check",
    ),
]


@pytest.mark.parametrize("asked", LIMITS, ids=str)
def test_one_too_many_answers_422_with_limit_and_current_and_changes_nothing(asked: TooMuch) -> None:
    service = Service()
    with service.settings.edit("alice", felt_by=some(10_000)) as settings:
        asked.before(settings)
    before = service.call("GET", "/v1/me/settings").get_json()

    answer = service.call(asked.method, asked.path, json=asked.body, scope=asked.scope, headers=asked.headers)

    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (422, asked.code), told
    assert (told["limit"], told["current"]) == (asked.limit, asked.limit + 1)
    assert service.call("GET", "/v1/me/settings").get_json() == before


def test_a_note_that_is_too_long_is_refused_alone_in_a_batch() -> None:
    answer = Service().call(
        "POST", "/v1/me/blocks/batch", json={"add": [{"user_id": "a", "note": "x" * 201}, {"user_id": "b"}]}
    )

    first, second = answer.get_json()["results"]
    assert (first["status"], first["refusal"]["limit"], first["refusal"]["current"]) == ("refused", 200, 201)
    assert second["status"] == "blocked"


def test_a_list_within_an_item_that_cannot_be_read_is_told_in_its_place() -> None:
    answer = Service().call(
        "POST",
        "/v1/me/not-interested/batch",
        json={"signals": [{"item_id": "p", "surface": "live", "topics": [None]}]},
    )

    [told] = answer.get_json()["results"]
    assert told["refusal"]["errors"] == {"topics": {"0": ["Field may not be null."]}}


@pytest.mark.parametrize("item", [None, 5, "bob", [{"user_id": "bob"}]])
def test_what_is_no_item_is_refused_alone_in_a_batch(item: object) -> None:
    batches = {
        "blocks/batch": {"add": [item, {"user_id": "eve"}]},
        "not-interested/batch": {"signals": [item, {"item_id": "p", "surface": "live"}]},
    }

    for path, batch in batches.items():
        refused, taken = Service().call("POST", f"/v1/me/{path}", json=batch).get_json()["results"]
        assert list(refused["refusal"]["errors"]) == ["item"]
        assert taken["refusal"] is None


@pytest.mark.parametrize(
    ("asked", "member"),
    [
        (asked, member)
        for asked in LIMITS
        if asked.scope == "settings" and isinstance(asked.body, dict) and "import" not in asked.path
        for member, value in asked.body.items()
        if isinstance(value, list) and len(value) > asked.limit
    ],
    ids=str,
)
def test_a_list_is_counted_before_anything_in_it_is_read(asked: TooMuch, member: str) -> None:
    unreadable = asked.body | {member: [None] * (asked.limit + 1)}

    answer = Service().call(asked.method, asked.path, json=unreadable, headers=asked.headers)

    assert answer.get_json()["code"] == "limit-reached"
