"""The story of ./dev demo, told on literal answers of the service."""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from rich.console import Console

from service.local.demo_calls import Answered, Service
from service.local.demo_data import comments, posts
from service.local.demo_screen import Screen
from service.local.demo_story import Evening, play

Answer = dict[str, Any]


class ScriptedService(Service):
    """Answers like the service would, from what a test says about each post, and remembers what it was asked."""

    def __init__(
        self, asked: list[tuple[str, str, Mapping[str, Any]]], decide: Callable[[str], Answer]
    ) -> None:
        super().__init__("http://127.0.0.1:8000", "token")
        self._asked = asked
        self._decide = decide

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answered:
        """Answer and remember."""
        self._asked.append((method, path, body or {}))
        if path == "/v1/feed/filter":
            decisions = [
                {"id": post["id"], **self._decide(post["id"])} for post in (body or {})["candidates"]
            ]
            return answered({"decisions": decisions, "kept": 90, "revision": 1, "a_new_member": []})
        if path == "/v1/comments/check":
            decided = [{"id": one["id"], **self._decide(one["id"])} for one in (body or {})["comments"]]
            return answered({"decisions": decided})
        if path == "/v1/me/not-interested":
            effects = [{"entity": "topic", "id": "crypto", "effect": "downrank", "strength": 0.5}]
            return answered({"id": "s1", "effects": effects}, token=f"token {len(self._asked)}")
        return answered({}, token=f"token {len(self._asked)}")


def answered(body: Answer, token: str | None = None) -> Answered:
    return Answered(200, json.dumps(body).encode(), 4.2, token)


def told(decide: Callable[[str], Answer], *, colour: bool = False) -> tuple[str, list[Any]]:
    asked: list[Any] = []
    out = io.StringIO()
    console = Console(file=out, force_terminal=colour, color_system="standard" if colour else None, width=110)
    service = ScriptedService(asked, decide)
    play(Evening(Screen(console, lambda: None), "mia-1", service, service))
    return out.getvalue(), asked


def line_with(text: str, story: str) -> str:
    return next(line for line in story.splitlines() if text in line)


def hit_in(post_id: str, field: str, found: str, **more: object) -> Answer:
    post = next(post for post in posts() if post["id"] == post_id)
    text = post[field][0] if isinstance(post[field], list) else post[field]
    start = text.index(found)
    reason = {"code": "keyword_filter", "field": field, "span": [start, start + len(found)], **more}
    return {"outcome": "hide", "reasons": [reason]}


def keep(_: str) -> Answer:
    return {"outcome": "keep"}


def test_the_story_uses_each_of_the_four_controls_and_looks_again_after_each() -> None:
    _, asked = told(keep)

    assert [f"{method} {path}" for method, path, _ in asked] == [
        "POST /v1/feed/filter",
        "POST /v1/me/keyword-filters",
        "POST /v1/feed/filter",
        "PUT /v1/me/blocks/captain_grumble",
        "POST /v1/feed/filter",
        "POST /v1/me/not-interested",
        "POST /v1/feed/filter",
        "PATCH /v1/me/comment-limits",
        "POST /v1/comments/check",
    ]


def test_every_look_at_the_feed_carries_the_token_of_the_change_before_it() -> None:
    _, asked = told(keep)

    carried = [body.get("consistency_token") for _, path, body in asked if path == "/v1/feed/filter"]
    assert carried == [None, "token 2", "token 4", "token 6"]


def test_the_filter_names_the_series_in_three_scripts() -> None:
    _, asked = told(keep)

    assert asked[1][2]["terms"] == ["glass harbor", "ガラスの港", "الميناء الزجاجي"]


def test_a_hidden_post_is_shown_with_its_field_and_the_words_that_hit() -> None:
    decisions = {"p35": hit_in("p35", "on_screen_text", "ガラスの港")}

    story, _ = told(lambda post_id: decisions.get(post_id) or {"outcome": "keep"})

    line = line_with("昨日の[ガラスの港]のあの駅", story)
    assert "Japanese" in line
    assert "kenji_tetsudo" in line
    assert "on screen text" in line


@pytest.mark.parametrize(
    ("post_id", "decision", "trick"),
    [
        ("p25", hit_in("p25", "caption", "Glаss Hаrbоr", evasion=True), "disguised"),
        ("p44", hit_in("p44", "caption", "Gla\u200bss Har\u200bbor"), "zero-width"),
    ],
)
def test_a_spelling_that_tried_to_get_past_is_called_out(post_id: str, decision: Answer, trick: str) -> None:
    story, _ = told(lambda each: decision if each == post_id else {"outcome": "keep"})

    assert f"caption, {trick}" in line_with("spoiler_central", story)


def test_near_misses_are_shown_as_kept_only_while_they_are() -> None:
    kept, _ = told(keep)
    hidden, _ = told(lambda _: {"outcome": "hide", "reasons": []})

    assert "✓ English     sam_explains        Restoring a fiberglass harbor boat" in kept
    assert "✓ English     sam_explains" not in hidden


@pytest.mark.parametrize(
    ("post_id", "part"),
    [
        ("p04", "author"),
        ("p10", "reposter"),
        ("p23", "quoted"),
        ("p37", "mentioned"),
        ("p69", "replied to"),
    ],
)
def test_a_blocked_person_is_found_in_every_part_of_a_post(post_id: str, part: str) -> None:
    blocked = {"outcome": "hide", "reasons": [{"code": "block"}]}

    story, _ = told(lambda each: blocked if each == post_id else {"outcome": "keep"})

    step = story[story.index("PUT /v1/me/blocks") : story.index("POST /v1/me/not-interested")]
    assert f" {part} " in line_with("✗", step)


def test_a_rejected_topic_comes_with_a_receipt_and_a_factor() -> None:
    lower = {"outcome": "downrank", "multiplier": 0.5, "reasons": [{"code": "not_interested_topic"}]}

    story, _ = told(lambda each: lower if each == "p34" else {"outcome": "keep"})

    assert "Her receipt: topic crypto ×0.5." in story
    assert "×0.5 " in line_with("kripto çıktı", story)


def test_after_three_controls_the_feed_begins_with_what_is_left() -> None:
    decisions: dict[str, Answer] = {
        "p01": {"outcome": "hide"},
        "p02": {"outcome": "downrank", "multiplier": 0.5},
    }

    story, _ = told(lambda each: decisions.get(each) or {"outcome": "keep"})

    lines = story[story.index("So this is how her feed begins now:") :].splitlines()
    assert [line.split()[2] for line in lines[1:4]] == ["kenji_tetsudo", "captain_grumble", "dalia_drama"]


def test_comments_are_told_apart_with_a_reason_that_people_understand() -> None:
    decisions = {
        "c03": {"outcome": "refuse", "reasons": ["audience"]},
        "c13": {"outcome": "hold", "reasons": ["keyword"]},
    }

    story, _ = told(lambda each: decisions.get(each) or {"outcome": "allow" if each[0] == "c" else "keep"})

    assert "not a follower" in line_with("✗ refuse", story)
    assert "her keyword" in line_with("‖ hold", story)
    assert f"… and {len(comments('mia')['comments']) - 2 - 5} more allowed." in story


def test_the_story_ends_with_commands_that_stay_on_one_line() -> None:
    story, _ = told(keep)

    curls = [line for line in story.splitlines() if line.startswith("curl")]
    assert len(curls) == 3
    assert all("http://127.0.0.1:8000/v1/" in line and "./dev token" in line for line in curls)


def test_without_colour_there_is_no_escape_sequence() -> None:
    plain, _ = told(keep)
    coloured, _ = told(keep, colour=True)

    assert "\x1b" not in plain
    assert "\x1b[" in coloured


def test_every_step_after_the_first_waits_for_the_reader() -> None:
    waits: list[str] = []
    screen = Screen(Console(file=io.StringIO()), lambda: waits.append("waited"))

    screen.step("one")
    screen.step("two")
    screen.step("three")

    assert len(waits) == 2
