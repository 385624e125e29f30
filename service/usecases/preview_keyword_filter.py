"""A user tries a keyword filter before keeping it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.domain.feed import Candidate
from service.domain.feed_rules import rule_of
from service.domain.filter_hits import FilterHit, ReadyFilters
from service.domain.keyword_filters import FilterWording, require_valid_wording
from service.domain.people import UserId
from service.usecases.ports import Parts

SAMPLES: Final = 20
MUCH: Final = 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """One post that the draft would hit, and where."""

    id: str
    hit: FilterHit


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft filter would do to some posts; ``hides_much``: more than a fifth of them."""

    matched_ids: tuple[str, ...]
    total: int
    samples: tuple[Sample, ...]
    hides_much: bool


def preview_keyword_filter(
    parts: Parts, user_id: UserId, draft: FilterWording, posts: Sequence[Candidate]
) -> Preview:
    """Try a draft against posts that the client sends; nothing is stored."""
    now = parts.now()
    require_valid_wording(draft, now)
    ready = ReadyFilters([rule_of("draft", draft)])
    surface = draft.surfaces[0] if draft.surfaces else "for_you"
    hits = ready.hits(user_id, posts, surface, now)
    samples = tuple(Sample(posts[place].id, hit) for place, of_post in hits.items() for hit in of_post)
    matched = tuple(sample.id for sample in samples)
    return Preview(matched, len(posts), samples[:SAMPLES], hides_much=len(matched) > MUCH * len(posts))
