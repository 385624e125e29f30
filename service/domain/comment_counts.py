"""What one answered check of new comments adds to the figures."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.domain.comments.said import CommentDecision, CommentOutcome
from service.domain.market_days import day_in
from service.domain.measures import Measure
from service.domain.occurrences import Occurrence, place_of
from service.domain.people import UserId
from service.domain.segments import Segment

_LIMITED: Final = {
    CommentOutcome.HOLD: Measure.COMMENTS_HELD,
    CommentOutcome.REFUSE: Measure.COMMENTS_REFUSED,
}


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """New comments under one owner's post, as they were judged; ``viewer_id`` is the owner."""

    viewer_id: UserId
    segment: Segment
    at: datetime
    decisions: Sequence[CommentDecision]


def comments_in(request: CheckedRequest) -> Iterator[tuple[Occurrence, int]]:
    """Yield what a check adds; a comment that several limits stop counts by the strongest alone."""
    place = place_of(day_in(request.segment.market, request.at), request.segment)
    if not request.decisions:
        return
    yield Occurrence(Measure.COMMENTS, place), len(request.decisions)
    yield Occurrence(Measure.COMMENT_OWNERS, place), 1
    stopped = Counter(
        (_LIMITED[each.outcome], each.reasons[0].value)
        for each in request.decisions
        if each.outcome in _LIMITED and each.reasons
    )
    for (measure, limit), n in stopped.items():
        yield Occurrence(measure, place, limit=limit), n
