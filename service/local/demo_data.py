"""The demo's people, posts and comments, and the settings that two of its users have from the start."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from service.local.demo_calls import Service

FOLDER = Path(__file__).with_name("demo")
OWN_POST = {"id": "orange-cake", "created_at": "2026-11-22T07:00:00Z", "kind": "video"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who posts or comments in the demo."""

    id: str
    name: str
    language: str


def posts() -> list[dict[str, Any]]:
    """Return the demo feed, newest first, each post as ``POST /v1/feed/filter`` takes a candidate."""
    return list(_lines("posts.jsonl"))


def comments(owner_id: str) -> dict[str, Any]:
    """Return the comments under one post of ``owner_id``, as ``POST /v1/comments/check`` takes them."""
    return {"post": {**OWN_POST, "owner_id": owner_id}, "comments": list(_lines("comments.jsonl"))}


@cache
def people() -> dict[str, Person]:
    """Return the cast of the demo by id; strangers who only comment are not in it."""
    return {line["id"]: Person(**line) for line in _lines("people.jsonl")}


def load(base_url: str, token_for: Callable[[str], str]) -> None:
    """Give mia and omar their settings, through the public API; whoever has settings already keeps them.

    ``token_for`` makes a token with the scope ``settings`` for a user id.
    """
    wanted = list(_lines("settings.jsonl"))
    for user in dict.fromkeys(line["user"] for line in wanted):
        service = Service(base_url, token_for(user))
        if _has_never_set_anything(service):
            for line in wanted:
                if line["user"] == user:
                    service.call(line["method"], line["path"], line["body"])


def _has_never_set_anything(service: Service) -> bool:
    return bool(json.loads(service.call("GET", "/v1/me/settings").body)["revision"] == 0)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
