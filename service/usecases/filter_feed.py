"""A feed service asks what a viewer may see."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.consistency import Head, Version
from service.domain.cost_ceilings import Effort, as_closely_as_possible
from service.domain.decisions import decide_feed, everybody_in
from service.domain.feed import Candidate, Decision, Outcome, at_best_unverified, nobody_can_tell
from service.domain.feed_counts import DecidedRequest
from service.domain.people import UserId
from service.domain.surfaces import require_known_surface
from service.usecases.feed_rules import rules_in_hand
from service.usecases.ports import Parts


@dataclass(frozen=True, slots=True)
class FilteredFeed:
    """Decisions in the order of the candidates, and how many more candidates would fill the page."""

    decisions: Sequence[Decision]
    head: Head
    removed: dict[str, int]
    kept: int
    unverified: int
    fetch_more: int
    degraded: bool
    effort: Effort = Effort.WHOLE


def filter_feed(
    parts: Parts,
    viewer_id: UserId,
    surface_name: str,
    candidates: Sequence[Candidate],
    *,
    slots: int | None = None,
    at_least: Version | None = None,
    size: int = 0,
) -> FilteredFeed:
    """Decide what a viewer sees of each candidate, by rules no older than ``at_least``.

    Where such rules cannot be had right now, nothing is kept: what cannot be hidden for sure is ``unverified``.
    ``size`` is what the request weighs in bytes: where that is too much for the viewer's terms, less closely is
    looked. Raises ``StoreUnavailable`` when nobody answers at all.
    """
    surface = require_known_surface(surface_name)
    now = parts.now()
    in_hand = rules_in_hand(parts, viewer_id, lambda: everybody_in(candidates), at_least=at_least)
    effort = Effort.WHOLE
    ready, platform_accounts = in_hand.ready, parts.platform_accounts
    if ready is None:
        decisions = [nobody_can_tell(candidate.id) for candidate in candidates]
    else:
        decisions, effort = as_closely_as_possible(
            ready.effort_for(size),
            lambda effort: decide_feed(
                candidates, ready.at(effort), surface, now, platform_accounts=platform_accounts
            ),
        )
        if not in_hand.is_verified or effort is Effort.UNFILTERED:
            decisions = [at_best_unverified(decision) for decision in decisions]
    keep = Outcome.KEEP
    affected = [decision for decision in decisions if decision.outcome is not keep]
    removed = Counter(each.reasons[0].code.value for each in affected if each.outcome is Outcome.HIDE)
    unverified = sum(each.outcome is Outcome.UNVERIFIED for each in affected)
    kept = len(decisions) - removed.total() - unverified
    parts.tallies.count(
        DecidedRequest.of(
            viewer_id,
            parts.segment,
            surface,
            now,
            candidates=candidates,
            decisions=decisions,
            ready=ready,
            slots=slots,
            degraded=in_hand.degraded or effort is not Effort.WHOLE,
        )
    )
    return FilteredFeed(
        decisions=decisions,
        head=in_hand.head,
        removed=dict(removed),
        kept=kept,
        unverified=unverified,
        fetch_more=max((slots or 0) - kept, 0),
        degraded=in_hand.degraded or effort is not Effort.WHOLE,
        effort=effort,
    )
