"""Filtering a file of one's own posts."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from service.local import demo_candidates
from service.local.demo_calls import Answered, CallRefused, Service
from service.local.demo_candidates import (
    BadLines,
    Question,
    filter_candidates,
    print_decisions,
    read_candidates,
)
from service.local.demo_screen import Screen

ANYONE = Question("mia", "for_you", None)


class KeepingService(Service):
    """Keeps every candidate and remembers what it was asked; refuses a caption that is no text."""

    def __init__(self) -> None:
        super().__init__("http://there", "token")
        self.asked: list[Mapping[str, Any]] = []

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answered:
        """Keep all, or refuse."""
        assert body is not None
        self.asked.append(body)
        for number, post in enumerate(body["candidates"]):
            if not isinstance(post.get("caption", ""), str):
                problem = {"code": "invalid", "errors": {f"candidates[{number}].caption": ["not a text"]}}
                raise CallRefused(f"{method} {path}", 422, problem)
        decisions = [{"id": post["id"], "outcome": "keep"} for post in body["candidates"]]
        return Answered(200, json.dumps({"decisions": decisions, "kept": len(decisions)}).encode(), 1.0, None)


def a_file(folder: Path, *lines: str | bytes) -> Path:
    file = folder / "posts.jsonl"
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return file


def a_post(number: int, **more: object) -> str:
    return json.dumps({"id": f"p{number}", "author_id": "a", **more})


def test_posts_keep_the_number_of_their_line(tmp_path: Path) -> None:
    file = a_file(tmp_path, "\ufeff" + a_post(1), "", a_post(2), "   ", a_post(3) + "\r", "")

    assert [(candidate.line, candidate.post["id"]) for candidate in read_candidates(file)] == [
        (1, "p1"),
        (3, "p2"),
        (5, "p3"),
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("not json", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": "p1"}', "needs a text 'author_id'"),
        ('{"id": 7, "author_id": "a"}', "needs a text 'id'"),
        ('{"id": "p1", "author_id": "a", "caption": NaN}', "not JSON"),
        (b'{"id": "p1", "author_id": "\xff"}', "not UTF-8"),
        ('{"id": "p1", "author_id": "\\ud800"}', "not UTF-8"),
        ("[" * 200_000, "not JSON"),
        (a_post(1, caption="x" * 1_000_000), "longer than"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(tmp_path: Path, line: str | bytes, complaint: str) -> None:
    file = a_file(tmp_path, a_post(0), line, a_post(2))

    with pytest.raises(BadLines, match=f"^line 2: {complaint}"):
        read_candidates(file)


def test_all_bad_lines_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadLines) as refused:
        read_candidates(a_file(tmp_path, "{", a_post(1), "[]"))

    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == ["line 1", "line 3"]


def test_a_long_file_is_asked_about_in_batches_and_answered_in_its_order(tmp_path: Path) -> None:
    service = KeepingService()
    candidates = read_candidates(a_file(tmp_path, *(a_post(number) for number in range(1_001))))

    decisions, _ = filter_candidates(service, candidates, ANYONE)

    assert [len(body["candidates"]) for body in service.asked] == [500, 500, 1]
    assert [decision.id for decision in decisions] == [f"p{number}" for number in range(1_001)]


def test_heavy_posts_are_spread_over_more_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_candidates, "BYTES_PER_CALL", 1_000)
    service = KeepingService()
    candidates = read_candidates(
        a_file(tmp_path, *(a_post(number, caption="é" * 200) for number in range(5)))
    )

    filter_candidates(service, candidates, ANYONE)

    assert [len(body["candidates"]) for body in service.asked] == [2, 2, 1]


def test_slots_that_earlier_batches_filled_are_not_asked_for_again(tmp_path: Path) -> None:
    service = KeepingService()
    candidates = read_candidates(a_file(tmp_path, *(a_post(number) for number in range(600))))

    _, more = filter_candidates(service, candidates, Question("mia", "for_you", 650))

    assert [body["slots"] for body in service.asked] == [500, 150]
    assert more == 50


def test_slots_that_are_all_filled_are_not_asked_for(tmp_path: Path) -> None:
    service = KeepingService()
    candidates = read_candidates(a_file(tmp_path, *(a_post(number) for number in range(501))))

    _, more = filter_candidates(service, candidates, Question("mia", "for_you", 20))

    assert [body.get("slots") for body in service.asked] == [20, None]
    assert more == 0


def test_what_the_service_refuses_is_told_by_line(tmp_path: Path) -> None:
    lines = [a_post(number) for number in range(502)]
    candidates = read_candidates(a_file(tmp_path, *lines, "", a_post(900, caption=5)))

    with pytest.raises(BadLines, match=r"^line 504: caption: not a text$"):
        filter_candidates(KeepingService(), candidates, ANYONE)


def test_a_refusal_that_names_no_post_stays_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Answered:
        raise CallRefused("POST /v1/feed/filter", 422, {"detail": "surface: 'moon' is not a surface"})

    monkeypatch.setattr(KeepingService, "call", refuse)

    with pytest.raises(CallRefused, match="'moon' is not a surface"):
        filter_candidates(KeepingService(), read_candidates(a_file(tmp_path, a_post(1))), ANYONE)


def test_decisions_are_printed_with_their_reasons_and_counted(tmp_path: Path) -> None:
    out = io.StringIO()
    candidates = read_candidates(a_file(tmp_path, a_post(1, caption="so \x1b[31mred"), a_post(2)))
    decisions, _ = filter_candidates(KeepingService(), candidates, ANYONE)

    print_decisions(Screen(Console(file=out, width=110), lambda: None), candidates, decisions, 3)

    assert "keep      p1" in out.getvalue()
    assert "\x1b" not in out.getvalue()
    assert "2 keep; 3 more needed to fill the slots" in out.getvalue()
