"""An analyst notes what happened on a day, beside every figure of that day."""

from dataclasses import replace
from datetime import date, timedelta

from service.domain.insight_questions import MOST_DAYS
from service.domain.insights import Annotation
from service.domain.market_days import Window
from service.domain.people import UserId
from service.domain.refusals import InvalidValue
from service.usecases.insight_ports import InsightParts
from service.usecases.read_insights import note_read


def annotate(parts: InsightParts, analyst: UserId, said: Annotation) -> Annotation:
    """Keep a note; who made it stands in the log of reads."""
    if said.day > parts.now().date() + timedelta(days=MOST_DAYS):
        raise InvalidValue("day", "is too far ahead")
    kept = replace(said, id=parts.new_id("note"))
    note_read(parts, analyst, f"annotate {kept.id}", 0)
    parts.insights.annotate(kept)
    return kept


def list_annotations(
    parts: InsightParts, analyst: UserId, first: date | None, last: date | None
) -> list[Annotation]:
    """Return what was noted within some days, oldest first; of the last 400 days where none are named."""
    last = last or parts.now().date()
    first = first or last - timedelta(days=min(MOST_DAYS, (last - date.min).days))
    if first > last:
        raise InvalidValue("from", "comes after to")
    note_read(parts, analyst, f"annotations {first}..{last}", 0)
    return list(parts.insights.annotations(Window(first, last)))
