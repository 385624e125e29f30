"""Calls that plant what a figure must find: one setting, one page, one showing at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from service.domain.segments import Segment
from service.local.population import Call
from tests.insights.town import Town, weeks_ago

FIRST = weeks_ago(2)
NOON = datetime.combine(FIRST, time(12), UTC)
HOME = Segment("DE", "de", "ios", "adult")


def sum_of(town: Town, measure: str, dims: str = "") -> int:
    """Return what was counted of a measure, exactly."""
    query = text("SELECT coalesce(sum(n), 0) FROM tally WHERE measure = :measure AND dims = :dims")
    with town.engine.connect() as connection:
        return int(connection.execute(query, {"measure": measure, "dims": dims}).scalar_one())


def post(name: object, author: str = "ana") -> dict[str, Any]:
    """Return a post by somebody."""
    return {"id": f"post-{name}", "author_id": author}


def setting(person: str, at: datetime, author: str, segment: Segment = HOME) -> Call:
    """Return how somebody blocks an author."""
    return Call(at, "PUT", f"/v1/me/blocks/{author}", {}, person, segment)


def visit(
    person: str, at: datetime, posts: Sequence[Any], segment: Segment = HOME, slots: int | None = None
) -> Call:
    """Return how a feed asks about a page."""
    asked = {"viewer_id": person, "surface": "for_you", "slots": slots or len(posts), "candidates": posts}
    return Call(at, "POST", "/v1/feed/filter", asked, segment=segment)


def glance(person: str, at: datetime, segment: Segment = HOME) -> Call:
    """Return how a feed asks before there is anything to show: the viewer's rules are in the cache from then on."""
    return Call(
        at,
        "POST",
        "/v1/feed/filter",
        {"viewer_id": person, "surface": "for_you", "candidates": []},
        segment=segment,
    )


def unasked(person: str, at: datetime, posts: Sequence[Any], segment: Segment = HOME) -> Call:
    """Return how a surface tells what it showed without asking."""
    shown = {
        "id": str(uuid5(UUID(int=0), f"{person}{at}")),
        "viewer_id": person,
        "surface": "search",
        "at": at.isoformat(),
        "shown": posts,
    }
    return Call(at, "POST", "/v1/feed/second-looks", shown, segment=segment)
