"""Which keyword filters a post hits, and where."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from service.domain.expiry import is_live
from service.domain.feed import Candidate
from service.domain.feed_rules import FilterRule
from service.domain.keyword_filters import Field, Op, ScopeKind
from service.domain.matching import Hit, Matcher, Text, parse_term
from service.domain.people import UserId

_SINGLE_FIELDS: Final = (
    Field.CAPTION,
    Field.ON_SCREEN_TEXT,
    Field.TRANSCRIPT,
    Field.SOUND_TITLE,
    Field.ALT_TEXT,
    Field.AUTHOR_NAME,
)
_LIST_FIELDS: Final = (Field.HASHTAGS, Field.LINKS)


class Place(NamedTuple):
    """Where a text stands in a candidate: the field and, where the field is a list, which item of it."""

    field: Field
    item: int | None


class FilterHit(NamedTuple):
    """A filter that a post hits: the first place that tells, as the caller's code points."""

    rule: FilterRule
    place: Place
    span: tuple[int, int]
    evasion: bool


class ReadyFilters:
    """A viewer's keyword filters, ready to look at posts."""

    def __init__(self, rules: Sequence[FilterRule]) -> None:
        self._rules = rules
        self._owners = [number for number, rule in enumerate(rules) for _ in rule.terms]
        self._matcher = Matcher(
            [parse_term(term, rule.mode, rule.strictness) for rule in rules for term in rule.terms]
        )

    def hits(
        self, viewer_id: UserId, candidates: Sequence[Candidate], surface: str, now: datetime
    ) -> dict[int, list[FilterHit]]:
        """Return the live filters that candidates hit on this surface, by the candidate's place in the list."""
        if not self._rules:
            return {}
        placed = [list(_texts_of(candidate)) for candidate in candidates]
        found = self._matcher.hits([[text for _, text in texts] for texts in placed])
        judged = {
            place: [
                hit
                for hit in self._judged(
                    viewer_id, candidates[place], hits, [where for where, _ in placed[place]]
                )
                if _applies(hit.rule, surface, now)
            ]
            for place, hits in enumerate(found)
            if hits and candidates[place].author_id != viewer_id
        }
        return {place: hits for place, hits in judged.items() if hits}

    def _judged(
        self, viewer_id: UserId, candidate: Candidate, hits: Sequence[Hit], places: Sequence[Place]
    ) -> Iterator[FilterHit]:
        by_rule: dict[int, list[Hit]] = {}
        for hit in hits:
            by_rule.setdefault(self._owners[hit.term], []).append(hit)
        for number, of_rule in by_rule.items():
            rule = self._rules[number]
            counting = [hit for hit in of_rule if _counts(rule, viewer_id, candidate, places[hit.text])]
            if counting and _is_complete(rule, counting):
                first = counting[0]
                yield FilterHit(rule, places[first.text], (first.start, first.end), first.evasion)


def _applies(rule: FilterRule, surface: str, now: datetime) -> bool:
    return (not rule.surfaces or surface in rule.surfaces) and is_live(rule.expires_at, now)


def _counts(rule: FilterRule, viewer_id: UserId, candidate: Candidate, place: Place) -> bool:
    """Tell whether the rule looks at this field, and at words by whoever wrote it; never at the viewer's own."""
    if place.field not in rule.fields:
        return False
    quoted = candidate.quoted if place.field is Field.QUOTED else None
    author = quoted.author_id if quoted else candidate.author_id
    if author == viewer_id:
        return False
    followed = candidate.viewer_follows_author and quoted is None
    match rule.author_scope.kind:
        case ScopeKind.EVERYONE:
            return True
        case ScopeKind.EXCLUDE_FOLLOWING:
            return not followed
        case ScopeKind.ONLY:
            return author in rule.author_scope.authors
        case ScopeKind.EXCEPT:
            return author not in rule.author_scope.authors


def _is_complete(rule: FilterRule, hits: Sequence[Hit]) -> bool:
    return rule.op is Op.ANY or len({hit.term for hit in hits}) == len(rule.terms)


def _texts_of(candidate: Candidate) -> Iterator[tuple[Place, Text]]:
    for field in _SINGLE_FIELDS:
        value: str = getattr(candidate, field)
        if value:
            yield Place(field, None), Text(field, value)
    for field in _LIST_FIELDS:
        values: tuple[str, ...] = getattr(candidate, field)
        for index, value in enumerate(values):
            yield Place(field, index), Text(field, value)
    if candidate.quoted and candidate.quoted.text:
        yield Place(Field.QUOTED, None), Text(Field.QUOTED, candidate.quoted.text)
