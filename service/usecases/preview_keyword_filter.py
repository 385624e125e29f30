"""A user tries a keyword filter before keeping it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.domain.cost_ceilings import Effort, as_closely_as_possible, filters_at
from service.domain.feed import Candidate
from service.domain.feed_rules import rule_of
from service.domain.filter_hits import FilterHit, ReadyFilters, action_on
from service.domain.keyword_filters import Action, Field, NewKeywordFilter, require_valid_wording
from service.domain.people import UserId
from service.domain.surfaces import Surface, require_known_surface
from service.usecases.feed_rules import require_rules
from service.usecases.ports import Parts

SAMPLES: Final = 20
MUCH: Final = 0.2
EVERYWHERE: Final = "for_you"
"""Where a draft is tried that names no surface."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One post that the draft would hit, and where."""

    id: str
    hit: FilterHit


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft filter would do to some posts, beside the filters that are there.

    ``hidden`` posts are hidden by any filter once the draft is kept, ``hidden_already`` without it. ``hides_much``:
    the draft hides posts, and more than a fifth are then gone.
    """

    matched_ids: tuple[str, ...]
    total: int
    hidden: int
    hidden_already: int
    samples: tuple[Sample, ...]

    @property
    def hides_much(self) -> bool:
        """Whether the user should think again."""
        return self.hidden > self.hidden_already and self.hidden > MUCH * self.total


def preview_keyword_filter(
    parts: Parts, user_id: UserId, draft: NewKeywordFilter, posts: Sequence[Candidate]
) -> Preview:
    """Try a draft against posts that the client sends; nothing is stored.

    The user's other filters and allow phrases count as they would in a feed. A draft under the id of a kept filter is
    tried in its place.
    """
    now = parts.now()
    require_valid_wording(draft.wording, now)
    surface = require_known_surface(draft.wording.surfaces[0] if draft.wording.surfaces else EVERYWHERE)
    rules = require_rules(parts, user_id, tuple).ready.rules
    drafted = rule_of(draft.id or "", draft.wording)
    others = [rule for rule in rules.filters if rule.id != drafted.id]
    hits, _ = as_closely_as_possible(
        Effort.WHOLE,
        lambda effort: ReadyFilters(filters_at(effort, [drafted, *others]), rules.allow_phrases).hits(
            user_id, posts, surface.name, now, unfiltered=parts.platform_accounts
        ),
    )
    samples = [
        Sample(posts[place].id, hit)
        for place in sorted(hits)
        for hit in hits[place]
        if hit.rule.id == drafted.id
    ]
    hiding = [
        {hit.rule.id == drafted.id for hit in of_post if _hides_post(hit, surface)}
        for of_post in hits.values()
    ]
    return Preview(
        matched_ids=tuple(sample.id for sample in samples),
        total=len(posts),
        hidden=sum(bool(by) for by in hiding),
        hidden_already=sum(False in by for by in hiding),
        samples=tuple(samples[:SAMPLES]),
    )


def _hides_post(hit: FilterHit, surface: Surface) -> bool:
    """Tell whether a hit hides the post: in a thread, what is wrong with a quote hides the quote alone."""
    is_about_quote = surface.threads and hit.place.field is Field.QUOTED
    return action_on(surface, hit.rule) is Action.HIDE and not is_about_quote
