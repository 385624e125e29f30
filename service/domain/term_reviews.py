"""What a safety reviewer says about a term that stands out, before any analyst learns which term it is."""

from dataclasses import dataclass
from enum import StrEnum

from service.domain.emerging_terms import ReviewState
from service.domain.refusals import InvalidValue


class TermCategory(StrEnum):
    """What kind of thing a term is."""

    ABUSE = "abuse"
    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    SEXUAL = "sexual"
    SCAM = "scam"
    SPOILER = "spoiler"
    NEWS_EVENT = "news_event"
    TREND = "trend"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TermVerdict:
    """Whether analysts may read a term, and as what; a term that names somebody is rejected."""

    state: ReviewState
    category: TermCategory | None


def verdict(state: ReviewState, category: TermCategory | None) -> TermVerdict:
    """Return a reviewer's verdict; refuse one that does not decide, and a confirmed term without its category."""
    if state not in {ReviewState.CONFIRMED, ReviewState.REJECTED}:
        raise InvalidValue("state", "takes confirmed or rejected")
    if state is ReviewState.CONFIRMED and category is None:
        raise InvalidValue("category", "is needed for a confirmed term")
    return TermVerdict(state, category)
