"""A safety reviewer decides which emerging terms analysts may read; until then nobody else learns what they are."""

from dataclasses import dataclass

from service.domain.emerging_terms import ReviewState, Rising, TermReview
from service.domain.market_days import Window
from service.domain.people import UserId
from service.domain.refusals import NotFound
from service.domain.term_reviews import TermVerdict
from service.usecases.insight_ports import InsightParts
from service.usecases.read_insights import note_read


@dataclass(frozen=True, slots=True)
class EmergingTerms:
    """Terms and rising rejections that a reviewer confirmed, newest first, and how many others wait for one."""

    terms: tuple[TermReview, ...]
    under_review: int

    def of(self, *kinds: Rising) -> tuple[TermReview, ...]:
        """Return those of some kinds."""
        return tuple(each for each in self.terms if each.found.kind in kinds)


def read_emerging_terms(parts: InsightParts, analyst: UserId, days: Window | None) -> EmergingTerms:
    """Return the confirmed terms that were found within some days, or ever, and how many wait."""
    within = f" {days.first}..{days.last}" if days else ""
    note_read(parts, analyst, f"emerging-terms{within}", 1)
    found = [each for each in parts.mined.terms() if days is None or _is_within(each, days)]
    confirmed = tuple(each for each in found if each.state is ReviewState.CONFIRMED)
    return EmergingTerms(confirmed, sum(each.state is ReviewState.UNDER_REVIEW for each in found))


def terms_to_review(parts: InsightParts, reviewer: UserId) -> list[TermReview]:
    """Return the terms that wait for a reviewer, newest first."""
    note_read(parts, reviewer, "term-reviews", 1)
    return list(parts.mined.terms(ReviewState.UNDER_REVIEW))


def review_term(parts: InsightParts, reviewer: UserId, term_id: str, verdict: TermVerdict) -> TermReview:
    """Keep a reviewer's verdict on a term, in place of an earlier one."""
    note_read(parts, reviewer, f"term-review {verdict.state}", 1)
    category = verdict.category.value if verdict.category else None
    if not parts.mined.decide_term(term_id, verdict.state, category, parts.now()):
        raise NotFound("term")
    return next(each for each in parts.mined.terms() if each.id == term_id)


def _is_within(term: TermReview, days: Window) -> bool:
    return days.first <= term.found.found_on <= days.last
