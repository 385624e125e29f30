"""Decides what one viewer sees of each candidate, with every reason."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from service.domain.expiry import is_live
from service.domain.feed import Candidate, Decision, Outcome, Reason, ReasonCode, decision_from, with_quote
from service.domain.feed_rules import FeedRules, MuteRule
from service.domain.filter_hits import FilterHit, ReadyFilters
from service.domain.keyword_filters import Action, Field
from service.domain.mutes import MuteScope, MuteType, as_domain, as_hashtag
from service.domain.not_interested import AUTHOR_LOWEST, EffectKind, Entity, Push, effect_of
from service.domain.people import UserId
from service.domain.surfaces import Surface

_MutablePart: TypeAlias = tuple[ReasonCode, MuteType, str, MuteScope | None]


class ReadyRules:
    """Feed rules made ready to decide with: looked up instead of searched, terms built into a matcher."""

    def __init__(self, rules: FeedRules) -> None:
        self.rules = rules
        self.filters = ReadyFilters(rules.filters, rules.allow_phrases)
        self._mutes = {(mute.type, mute.id): mute for mute in rules.mutes}
        self._pushes: dict[tuple[Entity, str], list[Push]] = {}
        for push in rules.pushes:
            self._pushes.setdefault((push.entity, push.id), []).append(push)
        self._named = frozenset(
            [
                *rules.blocks,
                *rules.blocked_by,
                *(each.id for each in rules.mutes),
                *(each.id for each in rules.pushes),
            ]
        )
        self._names_hashtags = any(each.type is MuteType.HASHTAG for each in rules.mutes) or any(
            each.entity is Entity.HASHTAG for each in rules.pushes
        )
        self._names_domains = any(each.type is MuteType.DOMAIN for each in rules.mutes)

    def concern(self, candidates: Sequence[Candidate]) -> set[int]:
        """Return the places of candidates with an id in them that any rule names, and perhaps a few more.

        Few candidates are named by anything, and asking one set is all that the others cost: 0.4 µs each
        instead of 12 µs for asking every objection.
        """
        named = self._named
        if not named:
            return set()
        return {
            place
            for place, each in enumerate(candidates)
            if each.author_id in named
            or each.id in named
            or each.sound_id in named
            or each.reposter_id in named
            or each.parent_author_id in named
            or each.root_author_id in named
            or (each.quoted and each.quoted.author_id in named)
            or not named.isdisjoint(each.topics)
            or not named.isdisjoint(each.mentions)
            or (self._names_hashtags and not named.isdisjoint(map(as_hashtag, each.hashtags)))
            or (self._names_domains and each.links)
        }

    def mute(self, kind: MuteType, target_id: str, now: datetime) -> MuteRule | None:
        """Return the live mute of something, if there is one."""
        found = self._mutes.get((kind, target_id))
        return found if found and is_live(found.expires_at, now) else None

    def pushes(self, entity: Entity, entity_id: str) -> Sequence[Push]:
        """Return what signals count against an entity."""
        return self._pushes.get((entity, entity_id), ())

    @property
    def has_pushes(self) -> bool:
        """Whether the viewer ever sent a signal that still counts."""
        return bool(self._pushes)

    @property
    def has_mutes(self) -> bool:
        """Whether the viewer muted anything."""
        return bool(self._mutes)


def decide_feed(
    candidates: Sequence[Candidate], ready: ReadyRules, surface: Surface, now: datetime
) -> list[Decision]:
    """Decide every candidate for the viewer whose rules these are, in the order given."""
    hits = ready.filters.hits(ready.rules.user_id, candidates, surface.name, now)
    doubtful = ready.concern(candidates) | hits.keys()
    return [
        decide(candidate, hits.get(place, ()), ready, surface, now)
        if place in doubtful
        else Decision(candidate.id, Outcome.KEEP)
        for place, candidate in enumerate(candidates)
    ]


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
    return with_quote(decision, about_quote) if about_quote else decision


def people_in(candidate: Candidate) -> Iterator[UserId]:
    """Name everybody who speaks or is spoken of in a candidate."""
    yield candidate.author_id
    if candidate.quoted:
        yield candidate.quoted.author_id
    for person in (candidate.reposter_id, candidate.parent_author_id, candidate.root_author_id):
        if person:
            yield person
    yield from candidate.mentions


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
        for host in _host_and_parents(link):
            yield ReasonCode.MUTE_DOMAIN, MuteType.DOMAIN, host, None


def _host_and_parents(link: str) -> Iterator[str]:
    """Name the host of a link and every domain that it belongs to."""
    labels = as_domain(link).split(".")
    for start in range(len(labels)):
        yield ".".join(labels[start:])


def _rejected(candidate: Candidate, ready: ReadyRules, surface: Surface, now: datetime) -> Iterator[Reason]:
    if not ready.has_pushes or not surface.recommends:
        return
    own = candidate.author_id == ready.rules.user_id
    for code, entity, entity_id in dict.fromkeys(_rejectable_parts(candidate)):
        pushes = ready.pushes(entity, entity_id)
        effect = effect_of(pushes, now) if pushes else None
        if effect is None or (own and entity is not Entity.ITEM):
            continue
        spared = entity is Entity.AUTHOR and candidate.viewer_follows_author
        strength = max(effect.strength, AUTHOR_LOWEST) if spared else effect.strength
        hidden = effect.kind is EffectKind.HIDE and not spared
        yield Reason(
            code=code,
            outcome=Outcome.HIDE if hidden else Outcome.DOWNRANK,
            multiplier=1.0 if hidden else strength,
            source="user",
            until=effect.until,
        )


def _rejectable_parts(candidate: Candidate) -> Iterator[tuple[ReasonCode, Entity, str]]:
    yield ReasonCode.NOT_INTERESTED_ITEM, Entity.ITEM, candidate.id
    yield ReasonCode.NOT_INTERESTED_AUTHOR, Entity.AUTHOR, candidate.author_id
    if candidate.sound_id:
        yield ReasonCode.NOT_INTERESTED_SOUND, Entity.SOUND, candidate.sound_id
    for tag in candidate.hashtags:
        yield ReasonCode.NOT_INTERESTED_HASHTAG, Entity.HASHTAG, as_hashtag(tag)
    for topic in candidate.topics:
        yield ReasonCode.NOT_INTERESTED_TOPIC, Entity.TOPIC, topic


def _filtered(hit: FilterHit, surface: Surface) -> Reason:
    action = hit.rule.action or (Action.WARN if surface.visited else Action.HIDE)
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
