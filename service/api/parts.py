"""What the views work with, found through the app that runs them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast

from flask import current_app, g, request

from service.api.auth import Caller, caller
from service.api.bookmarks import Bookmarks
from service.api.consistency import ConsistencyTokens
from service.domain.people import UserId
from service.domain.segments import segment_from
from service.usecases.insight_ports import InsightParts
from service.usecases.ports import Parts

EXTENSION = "safety-controls"
SEGMENT_HEADER: Final = "Viewer-Segment"
LONGEST_SEGMENT: Final = 200


@dataclass(frozen=True, slots=True)
class ApiParts:
    """The parts of stories and of those about figures, and what HTTP adds: tokens, checks, metrics as text.

    ``development``: cookies of pages on this machine may travel over plain HTTP.
    """

    stories: Parts
    tokens: ConsistencyTokens
    bookmarks: Bookmarks
    is_ready: Mapping[str, Callable[[], bool]]
    render_metrics: Callable[[], tuple[bytes, str]]
    figures: InsightParts
    development: bool = False


def api_parts() -> ApiParts:
    """Return the parts of the app that handles this request."""
    return cast("ApiParts", current_app.extensions[EXTENSION])


def parts() -> Parts:
    """Return what the stories work with, and what the client says of whoever this request is about.

    While an answer is being remembered they work within its transaction.
    """
    joined: Parts | None = g.get("parts")
    if joined:
        return joined
    stories, stated = api_parts().stories, request.headers.get(SEGMENT_HEADER)
    known: Caller | None = g.get("caller")
    if known and known.guardians:
        stories = replace(stories, guardians=known.guardians)
    return replace(stories, segment=segment_from(_members(stated))) if stated else stories


def _members(header: str) -> dict[str, str]:
    """Read ``market=JP, language=ja``; it is for counting alone, so that nothing in it is ever refused."""
    pairs = (member.partition("=") for member in header[:LONGEST_SEGMENT].split(","))
    return {name.strip(): value.strip() for name, _, value in pairs}


def user_id() -> UserId:
    """Return whose settings this request is about: the caller's own, whatever else it says."""
    return caller().subject
