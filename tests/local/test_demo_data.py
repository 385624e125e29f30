"""The demo's data: in the shapes of the API, in many languages and scripts, with the material of the story."""

import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from service.domain.comments import LARGEST_CHECK, Comment, Post
from service.domain.feed import LARGEST_REQUEST, Candidate
from service.local import demo_data
from service.local.demo_calls import Answered
from service.local.demo_data import comments, load, people, posts


def the_feed() -> list[Candidate]:
    return msgspec.convert(posts(), list[Candidate])


def scripts_in(text: str) -> set[str]:
    return {unicodedata.name(each, "?").split()[0] for each in text if each.isalpha()}


def test_every_post_has_the_shape_of_a_candidate() -> None:
    feed = the_feed()

    assert 80 <= len(feed) <= LARGEST_REQUEST
    assert len({post.id for post in feed}) == len(feed)


def test_everybody_in_the_feed_belongs_to_the_cast() -> None:
    named = {
        person
        for post in the_feed()
        for person in (
            post.author_id,
            post.reposter_id,
            post.quoted and post.quoted.author_id,
            post.parent_author_id,
            post.root_author_id,
            *post.mentions,
        )
        if person
    }

    assert named <= people().keys()


def test_the_feed_speaks_many_languages_in_many_scripts() -> None:
    feed = the_feed()
    scripts = set().union(*(scripts_in(post.caption) for post in feed))

    assert len({people()[post.author_id].language for post in feed}) >= 20
    assert scripts >= {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "BENGALI", "TAMIL"}
    assert scripts >= {"THAI", "CJK", "HIRAGANA", "KATAKANA", "HANGUL"}


def test_the_feed_is_ordered_from_the_newest_post() -> None:
    times = [post.created_at for post in the_feed() if post.created_at]

    assert times == sorted(times, reverse=True)
    assert len(times) == len(posts())


def test_the_comments_have_the_shape_of_a_check() -> None:
    asked = comments("mia-1")

    post = msgspec.convert(asked["post"], Post)
    found = msgspec.convert(asked["comments"], list[Comment])
    assert post.owner_id == "mia-1"
    assert 20 <= len(found) <= LARGEST_CHECK
    assert any(comment.relation.follows_owner_since is None for comment in found)
    assert any(comment.relation.owner_follows for comment in found)


class FakeService:
    """A service where some users have settings already; remembers who called what."""

    used: frozenset[str] = frozenset()
    calls: list[tuple[str, str, str]]

    def __init__(self, base_url: str, token: str) -> None:
        del base_url
        self._user = token.removeprefix("token of ")

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answered:
        """Answer a reading call with the revision; note any other."""
        del body
        if method != "GET":
            self.calls.append((self._user, method, path))
        revision = 3 if self._user in self.used else 0
        return Answered(200, b'{"revision": %d}' % revision, 1.0, None)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> type[FakeService]:
    monkeypatch.setattr(demo_data, "Service", FakeService)
    monkeypatch.setattr(FakeService, "calls", [], raising=False)
    return FakeService


def test_two_users_get_settings_of_all_four_kinds(service: type[FakeService]) -> None:
    load("http://there", lambda user: f"token of {user}")

    assert {user for user, _, _ in service.calls} == {"mia", "omar"}
    assert ("mia", "PUT", "/v1/me/blocks/captain_grumble") in service.calls
    assert {path.split("/")[3] for _, _, path in service.calls} == {
        "keyword-filters",
        "blocks",
        "mutes",
        "comment-limits",
        "not-interested",
    }


def test_whoever_set_something_before_keeps_it(
    service: type[FakeService], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "used", frozenset({"mia"}))

    load("http://there", lambda user: f"token of {user}")

    assert {user for user, _, _ in service.calls} == {"omar"}
