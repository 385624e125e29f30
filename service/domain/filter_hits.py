"""Which keyword filters a post hits, and where."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple

from service.domain.expiry import is_live
from service.domain.feed import Candidate
from service.domain.feed_rules import FilterRule
from service.domain.keyword_filters import Action, Field, Op, ScopeKind
from service.domain.matching import Hit, Matcher, parse_stored_term
from service.domain.people import UserId
from service.domain.surfaces import Surface

_SINGLE_FIELDS: Final = (
    Field.CAPTION,
    Field.ON_SCREEN_TEXT,
    Field.TRANSCRIPT,
    Field.SOUND_TITLE,
    Field.ALT_TEXT,
    Field.AUTHOR_NAME,
    Field.QUOTED,
)
"""In the order in which a row holds them, each under its name in a candidate; the lists follow."""


class Place(NamedTuple):
    """Where a text stands in a candidate: the field and, where the field is a list, which item of it."""

    field: Field
    item: int | None


_SINGLE_PLACES: Final = tuple(Place(field, None) for field in _SINGLE_FIELDS)


class FilterHit(NamedTuple):
    """A filter that a post hits: the first place that tells, as the caller's code points.

    A place in a quote tells only where nothing of the post's own does.
    """

    rule: FilterRule
    place: Place
    span: tuple[int, int]
    evasion: bool


class ReadyFilters:
    """A viewer's keyword filters, ready to look at posts."""

    def __init__(self, rules: Sequence[FilterRule], allow_phrases: Sequence[str] = ()) -> None:
        self._rules = rules
        read = [
            (number, parse_stored_term(term, rule.mode, rule.strictness))
            for number, rule in enumerate(rules)
            for term in rule.terms
        ]
        known = [(number, term) for number, term in read if term is not None]
        self._owners = [number for number, _ in known]
        self.passed_over = len(read) - len(known)
        """How many stored terms cannot be looked for; a filter that asks for all of its terms is not hit then."""
        self._matcher = Matcher([term for _, term in known], allow_phrases, alternatives=self._alternatives())

    def hits(
        self,
        viewer_id: UserId,
        candidates: Sequence[Candidate],
        surface: str,
        now: datetime,
        *,
        unfiltered: frozenset[UserId] = frozenset(),
    ) -> dict[int, list[FilterHit]]:
        """Return the live filters that candidates hit on this surface, by the candidate's place in the list.

        Nothing by the viewer or by anybody in ``unfiltered`` is ever hit.
        """
        if not self._rules:
            return {}
        spared = unfiltered | {viewer_id}
        row = _Row(candidates)
        found: dict[int, list[Hit]] = {}
        for number, hits in self._matcher.hits_among(row.values, row.field_at).items():
            found.setdefault(row.owner_of(number), []).extend(hits)
        judged = {
            owner: [
                hit
                for hit in self._judged(spared, candidates[owner], hits, row)
                if _applies(hit.rule, surface, now)
            ]
            for owner, hits in found.items()
            if candidates[owner].author_id not in spared
        }
        return {owner: hits for owner, hits in judged.items() if hits}

    def _alternatives(self) -> Iterator[range]:
        """Yield the terms of each filter that asks for any of them: all stand in the same text, the first is told."""
        first = 0
        for owner, own in groupby(self._owners):
            following = first + sum(1 for _ in own)
            if following - first > 1 and self._rules[owner].op is Op.ANY:
                yield range(first, following)
            first = following

    def _judged(
        self, spared: frozenset[UserId], candidate: Candidate, hits: Sequence[Hit], row: "_Row"
    ) -> Iterator[FilterHit]:
        by_rule: dict[int, list[tuple[Hit, Place]]] = {}
        places = {number: row.place_of(number) for number in {hit.text for hit in hits}}
        for hit in hits:
            by_rule.setdefault(self._owners[hit.term], []).append((hit, places[hit.text]))
        for number, of_rule in by_rule.items():
            rule = self._rules[number]
            counting = [(hit, place) for hit, place in of_rule if _counts(rule, spared, candidate, place)]
            if counting and _is_complete(rule, [hit for hit, _ in counting]):
                own = (pair for pair in counting if pair[1].field is not Field.QUOTED)
                first, place = next(own, counting[0])
                yield FilterHit(rule, place, (first.start, first.end), first.evasion)


class _Row:
    """All texts of all candidates in one row, and the way back from a number in it.

    Two hundred candidates have some 1,600 texts. Making a pair of each text and its place costs 2 ms a request;
    the place is worked out for the few texts that are hit.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._starts: list[int] = []
        values: list[str] = []
        begin, add = self._starts.append, values.append
        for each in candidates:
            begin(len(values))
            if text := each.caption:
                add(text)
            if text := each.on_screen_text:
                add(text)
            if text := each.transcript:
                add(text)
            if text := each.sound_title:
                add(text)
            if text := each.alt_text:
                add(text)
            if text := each.author_name:
                add(text)
            if (quoted := each.quoted) and quoted.text:
                add(quoted.text)
            values += each.hashtags
            values += each.links
        self.values = values

    def owner_of(self, number: int) -> int:
        """Return the place of the candidate that a text belongs to."""
        return bisect_right(self._starts, number) - 1

    def place_of(self, number: int) -> Place:
        """Return where in its candidate a text stands."""
        owner = self.owner_of(number)
        candidate, left = self._candidates[owner], number - self._starts[owner]
        for place in _SINGLE_PLACES:
            if _is_said(place.field, candidate):
                if not left:
                    return place
                left -= 1
        tags = len(candidate.hashtags)
        return Place(Field.HASHTAGS, left) if left < tags else Place(Field.LINKS, left - tags)

    def field_at(self, number: int) -> Field:
        """Return the field that a text stands in."""
        return self.place_of(number).field


def _is_said(field: Field, candidate: Candidate) -> bool:
    """Tell whether a candidate says anything in a field that is no list."""
    if field is Field.QUOTED:
        return bool(candidate.quoted and candidate.quoted.text)
    return bool(getattr(candidate, field))


def action_on(surface: Surface, rule: FilterRule) -> Action:
    """Return what a filter does where people come on purpose, and elsewhere, if its owner did not say."""
    return rule.action or (Action.WARN if surface.visited else Action.HIDE)


def _applies(rule: FilterRule, surface: str, now: datetime) -> bool:
    return (not rule.surfaces or surface in rule.surfaces) and is_live(rule.expires_at, now)


def _counts(rule: FilterRule, spared: frozenset[UserId], candidate: Candidate, place: Place) -> bool:
    """Tell whether the rule looks at this field, and at words by whoever wrote it; never at those of the spared."""
    if place.field not in rule.fields:
        return False
    quoted = candidate.quoted if place.field is Field.QUOTED else None
    author = quoted.author_id if quoted else candidate.author_id
    if author in spared:
        return False
    followed = candidate.viewer_follows_author and author == candidate.author_id
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
