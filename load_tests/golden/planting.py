"""Calls that plant what a figure must find: one setting, one page, one showing at a time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import text

from load_tests.golden.faults import NO_FAULT
from load_tests.golden.stage import Stage, patiently
from service.domain.segments import Segment
from service.local.population import Call
from service.store.engine import FOR_JOBS, transaction


def weeks_ago(weeks: int) -> date:
    """Return a Monday that lies so far back; days can only be closed within five weeks."""
    today = datetime.now(UTC).date()
    return today - timedelta(days=today.weekday(), weeks=weeks)


FIRST: Final = weeks_ago(2)
LAST: Final = FIRST + timedelta(days=6)
NOON: Final = datetime.combine(FIRST, time(12), UTC)
HOME: Final = Segment("DE", "de", "ios", "adult")


def sum_of(stage: Stage, measure: str, dims: str = "") -> int:
    """Return what was counted of a measure, exactly."""
    query = text("SELECT coalesce(sum(n), 0) FROM tally WHERE measure = :measure AND dims = :dims")

    def ask() -> int:
        with transaction(stage.engine, FOR_JOBS) as connection:
            return int(connection.execute(query, {"measure": measure, "dims": dims}).scalar_one())

    return patiently(ask)


def post(name: object, author: str = "ana") -> dict[str, Any]:
    """Return a post by somebody."""
    return {"id": f"post-{name}", "author_id": author}


def setting(
    person: str,
    at: datetime,
    author: str,
    segment: Segment = HOME,
    *,
    fault: Mapping[str, str] = NO_FAULT,
) -> Call:
    """Return how somebody blocks an author."""
    return Call(at, "PUT", f"/v1/me/blocks/{author}", {}, person, segment, person, fault)


def visit(
    person: str,
    at: datetime,
    posts: Sequence[Any],
    segment: Segment = HOME,
    slots: int | None = None,
    *,
    fault: Mapping[str, str] = NO_FAULT,
) -> Call:
    """Return how a feed asks about a page."""
    asked = {"viewer_id": person, "surface": "for_you", "slots": slots or len(posts), "candidates": posts}
    return Call(at, "POST", "/v1/feed/filter", asked, None, segment, person, fault)


def glance(person: str, at: datetime, segment: Segment = HOME) -> Call:
    """Return how a feed asks before there is anything to show: the viewer's rules are in the cache from then on."""
    asked = {"viewer_id": person, "surface": "for_you", "candidates": []}
    return Call(at, "POST", "/v1/feed/filter", asked, None, segment, person)


def unasked(person: str, at: datetime, posts: Sequence[Any], segment: Segment = HOME) -> Call:
    """Return how a surface tells what it showed without asking."""
    shown = {
        "id": str(uuid5(UUID(int=0), f"{person}{at}")),
        "viewer_id": person,
        "surface": "search",
        "at": at.isoformat(),
        "shown": posts,
    }
    return Call(at, "POST", "/v1/feed/second-looks", shown, None, segment, person)
