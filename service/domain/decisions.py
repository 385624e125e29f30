"""Decides what one viewer sees of each candidate, with every reason."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

import msgspec

from service.domain.cost_ceilings import Effort, close_looks, effort_for, filters_at
from service.domain.expiry import is_live
from service.domain.feed import (
    Candidate,
    Decision,
    Outcome,
    Reason,
    ReasonCode,
    decision_from,
    kept_all,
    with_quote,
)
from service.domain.feed_rules import FeedRules, MuteRule
from service.domain.filter_hits import FilterHit, ReadyFilters, action_on
from service.domain.keyword_filters import Action, Field
from service.domain.mutes import MuteScope, MuteType, as_hashtag, host_and_parents
from service.domain.not_interested import AUTHOR_LOWEST, HIGHEST, Effect, Entity, Push, by_entity, effect_of
from service.domain.people import UserId
from service.domain.surfaces import Surface
from service.domain.topic_preferences import FACTORS

_MutablePart: TypeAlias = tuple[ReasonCode, MuteType, str, MuteScope | None]


class ReadyRules:
    """Feed rules made ready to decide with: looked up instead of searched, terms built into a matcher."""

    def __init__(self, rules: FeedRules) -> None:
        self.rules = rules
        self.filters = ReadyFilters(rules.filters, rules.allow_phrases)
        self._close_looks = close_looks(rules.filters)
        self._lighter: dict[Effort, ReadyRules] = {}
        self._mutes = {(mute.type, mute.id): mute for mute in rules.mutes}
        self._pushes: dict[tuple[Entity, str], list[Push]] = by_entity(rules.pushes)
        self._rejected_items = frozenset(rules.rejected_items)
        named = frozenset(
            [
                *rules.blocked_by,
                *(each.id for each in rules.mutes if each.type is MuteType.USER),
                *(each.id for each in rules.pushes if each.entity is Entity.AUTHOR),
            ]
        )
        self._people: AbstractSet[UserId] = named.union(rules.blocks) if named else rules.blocks.keys()
        self._things = frozenset(
            [
                *(each.id for each in rules.mutes if each.type is not MuteType.USER),
                *(each.id for each in rules.pushes if each.entity is not Entity.AUTHOR),
                *rules.rejected_items,
                *rules.topic_levels,
            ]
        )
        self._names_hashtags = any(each.type is MuteType.HASHTAG for each in rules.mutes) or any(
            each.entity is Entity.HASHTAG for each in rules.pushes
        )
        self._names_domains = any(each.type is MuteType.DOMAIN for each in rules.mutes)

    def effort_for(self, size: int) -> Effort:
        """Return how closely a request of so many bytes can be looked at for this viewer."""
        return effort_for(size, self._close_looks)

    def blocked_by(self, blockers: dict[UserId, datetime | None]) -> "ReadyRules":
        """Return the same rules for where these are all who blocked the user."""
        return ReadyRules(msgspec.structs.replace(self.rules, blocked_by=blockers, has_more_blockers=False))

    def at(self, effort: Effort) -> "ReadyRules":
        """Return the same rules with what is left of their keyword filters; made once, for whoever asks too much."""
        if effort is Effort.WHOLE:
            return self
        if effort not in self._lighter:
            left = filters_at(effort, self.rules.filters)
            self._lighter[effort] = ReadyRules(msgspec.structs.replace(self.rules, filters=left))
        return self._lighter[effort]

    def concern(self, candidates: Sequence[Candidate]) -> set[int]:
        """Return the places of candidates with an id in them that any rule names, and perhaps a few more.

        Few candidates are named by anything, and asking two sets is all that the others cost: 0.3 µs each for
        people and 0.5 µs for things, instead of 12 µs for asking every objection.
        """
        return self._naming_people(candidates) | self._naming_things(candidates)

    def _naming_people(self, candidates: Sequence[Candidate]) -> set[int]:
        people = self._people
        if not people:
            return set()
        return {
            place
            for place, each in enumerate(candidates)
            if each.author_id in people
            or (each.reposter_id and each.reposter_id in people)
            or (each.quoted and each.quoted.author_id in people)
            or (each.parent_author_id and each.parent_author_id in people)
            or (each.root_author_id and each.root_author_id in people)
            or (each.mentions and not people.isdisjoint(each.mentions))
        }

    def _naming_things(self, candidates: Sequence[Candidate]) -> set[int]:
        things = self._things
        if not things:
            return set()
        return {
            place
            for place, each in enumerate(candidates)
            if each.id in things
            or each.sound_id in things
            or not things.isdisjoint(each.topics)
            or (self._names_hashtags and not things.isdisjoint(map(as_hashtag, each.hashtags)))
            or (self._names_domains and each.links)
        }

    def mute(self, kind: MuteType, target_id: str, now: datetime) -> MuteRule | None:
        """Return the live mute of something, if there is one."""
        found = self._mutes.get((kind, target_id))
        return found if found and is_live(found.expires_at, now) else None

    def is_rejected(self, item_id: str) -> bool:
        """Tell whether the viewer never wants to be shown an item again."""
        return item_id in self._rejected_items

    def effect(self, entity: Entity, entity_id: str, now: datetime) -> Effect | None:
        """Return what signals do to an entity other than an item."""
        pushes = self._pushes.get((entity, entity_id))
        return effect_of(pushes, now) if pushes else None

    def topic_factor(self, topic: str) -> float:
        """Return what the viewer's slider makes of a topic's rank."""
        return FACTORS[self.rules.topic_levels.get(topic, 0)]

    @property
    def has_leanings(self) -> bool:
        """Whether signals or sliders of the viewer have a say in what is recommended."""
        return bool(self._pushes or self._rejected_items or self.rules.topic_levels)

    @property
    def has_mutes(self) -> bool:
        """Whether the viewer muted anything."""
        return bool(self._mutes)


def decide_feed(
    candidates: Sequence[Candidate],
    ready: ReadyRules,
    surface: Surface,
    now: datetime,
    *,
    platform_accounts: Collection[UserId] = (),
) -> list[Decision]:
    """Decide every candidate for the viewer whose rules these are, in the order given.

    ``platform_accounts`` speak for the platform about safety: their notices are never filtered.
    """
    hits = ready.filters.hits(
        ready.rules.user_id, candidates, surface.name, now, unfiltered=frozenset(platform_accounts)
    )
    decisions = kept_all(candidates)
    for place in ready.concern(candidates) | hits.keys():
        candidate = candidates[place]
        decisions[place] = (
            _decide_notice(candidate, ready, surface, now)
            if candidate.author_id in platform_accounts
            else decide(candidate, hits.get(place, ()), ready, surface, now)
        )
    return decisions


def decide(
    candidate: Candidate, hits: Sequence[FilterHit], ready: ReadyRules, surface: Surface, now: datetime
) -> Decision:
    """Decide what one viewer sees of one candidate, with every reason, strongest first."""
    reasons = [reason for objection in OBJECTIONS for reason in objection(candidate, ready, surface, now)]
    about_quote: list[Reason] = []
    for hit in hits:
        alone = surface.threads and hit.place.field is Field.QUOTED
        (about_quote if alone else reasons).append(_filtered(hit, surface))
    decision = decision_from(candidate.id, reasons)
    if not reasons and (lift := _lift(candidate, ready, surface, now)) != 1.0:
        decision = Decision(candidate.id, Outcome.KEEP, lift)
    return with_quote(decision, about_quote) if about_quote else decision


def _decide_notice(candidate: Candidate, ready: ReadyRules, surface: Surface, now: datetime) -> Decision:
    """Decide a safety notice: nobody objects to it but to who passes it on, as with the viewer's own posts."""
    passed_on = Candidate(id=candidate.id, author_id=ready.rules.user_id, reposter_id=candidate.reposter_id)
    reasons = [*_blocked(passed_on, ready, surface, now), *_muted(passed_on, ready, surface, now)]
    return decision_from(candidate.id, reasons)


def people_in(candidate: Candidate) -> Iterator[UserId]:
    """Name everybody who speaks or is spoken of in a candidate."""
    yield candidate.author_id
    if candidate.quoted:
        yield candidate.quoted.author_id
    for person in (candidate.reposter_id, candidate.parent_author_id, candidate.root_author_id):
        if person:
            yield person
    yield from candidate.mentions


def everybody_in(candidates: Iterable[Candidate]) -> set[UserId]:
    """Return everybody who speaks or is spoken of in any of some candidates."""
    return {person for candidate in candidates for person in people_in(candidate)}


def _blocked(candidate: Candidate, ready: ReadyRules, surface: Surface, now: datetime) -> Iterator[Reason]:
    del surface
    rules = ready.rules
    if not (rules.blocks or rules.blocked_by):
        return
    people = set(people_in(candidate))
    ends = _ends_of_live(people, rules.blocks, now)
    if ends:
        until = None if None in ends else max(end for end in ends if end)
        yield Reason(code=ReasonCode.BLOCK, outcome=Outcome.HIDE, source="user", until=until)
    if _ends_of_live(people, rules.blocked_by, now):
        yield Reason(code=ReasonCode.UNAVAILABLE, outcome=Outcome.HIDE)


def _ends_of_live(
    people: Iterable[UserId], blocks: dict[UserId, datetime | None], now: datetime
) -> list[datetime | None]:
    return [blocks[person] for person in people if person in blocks and is_live(blocks[person], now)]


def _muted(candidate: Candidate, ready: ReadyRules, surface: Surface, now: datetime) -> Iterator[Reason]:
    if not ready.has_mutes:
        return
    outcome = Outcome.WARN if surface.visited else Outcome.HIDE
    hit: dict[tuple[MuteType, str], Reason] = {}
    own = candidate.author_id == ready.rules.user_id
    parts = _repost_of(candidate) if own else _mutable_parts(candidate, surface)
    for code, kind, target, scope in parts:
        mute = ready.mute(kind, target, now)
        if mute and (kind is not MuteType.USER or scope in mute.scopes):
            hit[kind, target] = Reason(code=code, outcome=outcome, source="user", until=mute.expires_at)
    yield from hit.values()


def _repost_of(candidate: Candidate) -> Iterator[_MutablePart]:
    """Name the reposter, whose mute counts even where they pass on the viewer's own post."""
    if candidate.reposter_id:
        yield ReasonCode.MUTE_USER, MuteType.USER, candidate.reposter_id, MuteScope.REPOSTS


def _mutable_parts(candidate: Candidate, surface: Surface) -> Iterator[_MutablePart]:
    author_scope = _SCOPE_ON.get(surface.name, MuteScope.POSTS)
    yield ReasonCode.MUTE_USER, MuteType.USER, candidate.author_id, author_scope
    yield from _repost_of(candidate)
    if candidate.quoted:
        yield ReasonCode.MUTE_USER, MuteType.USER, candidate.quoted.author_id, MuteScope.QUOTES
    for tag in candidate.hashtags:
        yield ReasonCode.MUTE_HASHTAG, MuteType.HASHTAG, as_hashtag(tag), None
    for topic in candidate.topics:
        yield ReasonCode.MUTE_TOPIC, MuteType.TOPIC, topic, None
    if candidate.sound_id:
        yield ReasonCode.MUTE_SOUND, MuteType.SOUND, candidate.sound_id, None
    for link in candidate.links:
        for host in host_and_parents(link):
            yield ReasonCode.MUTE_DOMAIN, MuteType.DOMAIN, host, None


def _rejected(candidate: Candidate, ready: ReadyRules, surface: Surface, now: datetime) -> Iterator[Reason]:
    if not ready.has_leanings or not surface.recommends:
        return
    if ready.is_rejected(candidate.id):
        yield Reason(code=ReasonCode.NOT_INTERESTED_ITEM, outcome=Outcome.HIDE, source="user")
    for leaning in _leanings(candidate, ready, now):
        if leaning.factor < 1:
            yield Reason(
                code=leaning.code,
                outcome=Outcome.DOWNRANK if leaning.factor else Outcome.HIDE,
                multiplier=leaning.factor or 1.0,
                source="user",
                until=leaning.until,
            )


def _lift(candidate: Candidate, ready: ReadyRules, surface: Surface, now: datetime) -> float:
    """Return the factor on a post that nothing objects to: the strongest wish to see more of what it is about."""
    if not ready.has_leanings or not surface.recommends:
        return 1.0
    factors = [leaning.factor for leaning in _leanings(candidate, ready, now)]
    return min(max(factors, default=1.0), HIGHEST)


class _Leaning(NamedTuple):
    """What signals and sliders make of one thing about a post: 0 hides it, else a factor on its rank."""

    code: ReasonCode
    factor: float
    until: datetime | None


def _leanings(candidate: Candidate, ready: ReadyRules, now: datetime) -> Iterator[_Leaning]:
    """Name what the viewer leans for or against in a post; the viewer's own posts are left alone."""
    if candidate.author_id == ready.rules.user_id:
        return
    for code, entity, entity_id in dict.fromkeys(_leanable_parts(candidate)):
        effect = ready.effect(entity, entity_id, now)
        factor, until = (effect.strength, effect.until) if effect else (1.0, None)
        if entity is Entity.AUTHOR and candidate.viewer_follows_author:
            factor = max(factor, AUTHOR_LOWEST)
        elif entity is Entity.TOPIC:
            factor *= ready.topic_factor(entity_id)
        if factor != 1.0:
            yield _Leaning(code, factor, until)


def _leanable_parts(candidate: Candidate) -> Iterator[tuple[ReasonCode, Entity, str]]:
    yield ReasonCode.NOT_INTERESTED_AUTHOR, Entity.AUTHOR, candidate.author_id
    if candidate.sound_id:
        yield ReasonCode.NOT_INTERESTED_SOUND, Entity.SOUND, candidate.sound_id
    for tag in candidate.hashtags:
        yield ReasonCode.NOT_INTERESTED_HASHTAG, Entity.HASHTAG, as_hashtag(tag)
    for topic in candidate.topics:
        yield ReasonCode.NOT_INTERESTED_TOPIC, Entity.TOPIC, topic


def _filtered(hit: FilterHit, surface: Surface) -> Reason:
    action = action_on(surface, hit.rule)
    return Reason(
        code=ReasonCode.KEYWORD_FILTER,
        outcome=Outcome(action),
        multiplier=FILTER_DOWNRANK if action is Action.DOWNRANK else 1.0,
        setting_id=hit.rule.id,
        source="user",
        field=hit.place.field,
        index=hit.place.item,
        span=hit.span,
        until=hit.rule.expires_at,
        evasion=hit.evasion,
    )


FILTER_DOWNRANK: Final = 0.5

_SCOPE_ON: Final = {"live": MuteScope.LIVE, "comments": MuteScope.COMMENTS}
"""What of a muted author a surface shows, where that is not posts."""

OBJECTIONS: Final[tuple[Callable[[Candidate, ReadyRules, Surface, datetime], Iterator[Reason]], ...]] = (
    _blocked,
    _muted,
    _rejected,
)
