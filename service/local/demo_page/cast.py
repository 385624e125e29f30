"""Who and what the demo page is about, in the types of the decision calls."""

from collections.abc import Mapping
from functools import cache
from typing import Final

import msgspec

from service.api.schemas.comments import CommentsRequest
from service.domain.feed import Candidate
from service.local import demo_data

VIEWER: Final = "mia"
VIEWER_NAME: Final = "Mia"

LANGUAGE_CODES: Final = {
    "Arabic": "ar",
    "Bengali": "bn",
    "Chinese": "zh",
    "English": "en",
    "French": "fr",
    "German": "de",
    "Greek": "el",
    "Hebrew": "he",
    "Hindi": "hi",
    "Indonesian": "id",
    "Japanese": "ja",
    "Korean": "ko",
    "Portuguese": "pt",
    "Russian": "ru",
    "Spanish": "es",
    "Tamil": "ta",
    "Thai": "th",
    "Turkish": "tr",
    "Ukrainian": "uk",
    "Vietnamese": "vi",
}


@cache
def feed() -> tuple[Candidate, ...]:
    """Return the demo feed, newest first."""
    return msgspec.convert(tuple(demo_data.posts()), tuple[Candidate, ...])


@cache
def comments_to_check() -> CommentsRequest:
    """Return the comments under the viewer's own post."""
    return msgspec.convert(demo_data.comments(VIEWER), CommentsRequest)


@cache
def what_to_mute() -> Mapping[str, str]:
    """Return what the posts of the demo offer to mute, by id, with what it is."""
    people = {person.id: f"user: {person.name}" for person in demo_data.people().values()}
    topics = {topic: "topic" for post in feed() for topic in post.topics}
    sounds = {post.sound_id: f"sound: {post.sound_title}" for post in feed() if post.sound_id}
    return topics | sounds | people


def id_of(name: str) -> str:
    """Return who in the demo is called so; what is nobody's name is taken for an id."""
    called = (each.id for each in demo_data.people().values() if each.name.casefold() == name.casefold())
    return next(called, name)


def name_of(person_id: str) -> str:
    """Return how somebody is called; strangers go by their id."""
    if person_id == VIEWER:
        return VIEWER_NAME
    person = demo_data.people().get(person_id)
    return person.name if person else person_id.replace("_", " ")


def language_of(person_id: str) -> str | None:
    """Return the code of the language that somebody writes in, where it is known."""
    person = demo_data.people().get(person_id)
    return LANGUAGE_CODES.get(person.language) if person else None
