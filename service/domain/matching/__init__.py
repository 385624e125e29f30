"""One matcher for feeds, comments and previews: terms in, hits with their place in the caller's text out."""

from service.domain.matching.charts import draw_charts
from service.domain.matching.compiled import IS_COMPILED
from service.domain.matching.matcher import MATCHER_VERSION, Matcher
from service.domain.matching.normalising import normalise
from service.domain.matching.search import TooManyLooks
from service.domain.matching.terms import (
    Hit,
    Mode,
    Strictness,
    Term,
    Text,
    UnmatchableTerm,
    parse_stored_term,
    parse_term,
    require_matchable,
)

__all__ = [
    "IS_COMPILED",
    "MATCHER_VERSION",
    "Hit",
    "Matcher",
    "Mode",
    "Strictness",
    "Term",
    "Text",
    "TooManyLooks",
    "UnmatchableTerm",
    "draw_charts",
    "normalise",
    "parse_stored_term",
    "parse_term",
    "require_matchable",
]
