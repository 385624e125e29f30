"""Which filters a post hits, and where."""

from typing import Any

from service.domain.feed import Candidate, Quoted
from service.domain.filter_hits import FilterHit, ReadyFilters
from service.domain.keyword_filters import Field
from tests.builders import NOW, a_candidate, a_filter_rule


def hits(post: Candidate, **wording: Any) -> list[FilterHit]:
    """Return what one filter of ``viewer`` finds in a post."""
    return ReadyFilters([a_filter_rule(**wording)]).hits("viewer", [post], "for_you", NOW).get(0, [])


def test_the_viewers_own_words_are_no_hit_where_somebody_quotes_them() -> None:
    own = a_candidate(quoted=Quoted("viewer", "a spoiler"))
    others = a_candidate(quoted=Quoted("friend", "a spoiler"))

    assert hits(own) == []
    assert [hit.place.field for hit in hits(others)] == [Field.QUOTED]
