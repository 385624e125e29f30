"""A feed service asks what a viewer may see."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.consistency import Head, Version
from service.domain.decisions import decide_feed
from service.domain.feed import Candidate, Decision, Outcome
from service.domain.people import UserId
from service.domain.surfaces import require_known_surface
from service.usecases.feed_rules import current_rules
from service.usecases.ports import Parts


@dataclass(frozen=True, slots=True)
class FilteredFeed:
    """Decisions in the order of the candidates, and how many more candidates would fill the page."""

    decisions: Sequence[Decision]
    head: Head
    removed: dict[str, int]
    kept: int
    fetch_more: int


def filter_feed(
    parts: Parts,
    viewer_id: UserId,
    surface_name: str,
    candidates: Sequence[Candidate],
    *,
    slots: int | None = None,
    at_least: Version | None = None,
) -> FilteredFeed:
    """Decide what a viewer sees of each candidate, by rules no older than ``at_least``."""
    surface = require_known_surface(surface_name)
    ready = current_rules(parts, viewer_id, at_least=at_least)
    decisions = decide_feed(candidates, ready, surface, parts.now())
    removed = Counter(
        decision.reasons[0].code.value for decision in decisions if decision.outcome is Outcome.HIDE
    )
    kept = len(decisions) - removed.total()
    return FilteredFeed(
        decisions=decisions,
        head=Head(viewer_id, ready.rules.revision, ready.rules.version),
        removed=dict(removed),
        kept=kept,
        fetch_more=max((slots or 0) - kept, 0),
    )
