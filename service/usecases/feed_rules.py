"""How every decision gets the rules it goes by, and how much it may trust them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TypeAlias

from service.domain.consistency import BEFORE_EVERYTHING, Head, Version, is_covered
from service.domain.decisions import ReadyRules
from service.domain.people import UserId
from service.usecases.ports import Parts, StoreUnavailable


@dataclass(frozen=True, slots=True)
class RulesInHand:
    """A user's rules as far as they can be had right now.

    ``is_verified``: they show everything that the caller was promised, so that they can prove ``keep``. Rules
    that are not verified, or none at all, can only prove ``hide``. ``degraded``: the store does not answer.
    """

    user_id: UserId
    ready: ReadyRules | None
    at_least: Version | None
    is_verified: bool
    degraded: bool

    @property
    def head(self) -> Head:
        """Where a caller stands after this answer: never before where it stood already."""
        if not self.is_verified and self.at_least:
            return Head(self.user_id, self.ready.rules.revision if self.ready else 0, self.at_least)
        if self.ready is None:
            return Head(self.user_id, 0, BEFORE_EVERYTHING)
        return Head(self.user_id, self.ready.rules.revision, self.ready.rules.version)


People: TypeAlias = Callable[[], Collection[UserId]]
"""Names the people at hand, for the few users who are blocked by more than their rules list."""


def rules_in_hand(
    parts: Parts, user_id: UserId, people: People, *, at_least: Version | None = None
) -> RulesInHand:
    """Return a user's rules from the cache where they cover ``at_least``, else from the store, else what is left.

    Raises ``StoreUnavailable`` when neither the store nor the cache answers.
    """
    in_hand = _as_kept(parts, user_id, at_least)
    if in_hand.ready and in_hand.ready.rules.has_more_blockers:
        return _blocked_by_all(parts, in_hand, in_hand.ready, people())
    return in_hand


def _as_kept(parts: Parts, user_id: UserId, at_least: Version | None) -> RulesInHand:
    cached = parts.rules.get(user_id)
    if cached and is_covered(at_least, cached.rules.version):
        return RulesInHand(user_id, cached, at_least, is_verified=True, degraded=parts.settings.is_doubtful)
    try:
        ready = _load(parts, user_id, at_least)
    except StoreUnavailable:
        if cached is None and not parts.rules.is_answering():
            cached = parts.rules.get_at_last(user_id)
            if cached is None and not parts.rules.is_answering():
                raise
        verified = cached is not None and is_covered(at_least, cached.rules.version)
        return RulesInHand(user_id, cached, at_least, is_verified=verified, degraded=True)
    verified = not is_behind(ready.rules.version, at_least)
    return RulesInHand(user_id, ready, at_least, is_verified=verified, degraded=not verified)


def _blocked_by_all(
    parts: Parts, in_hand: RulesInHand, ready: ReadyRules, people: Collection[UserId]
) -> RulesInHand:
    """Look up who of the people at hand blocked the user; where that cannot be had, nobody is proved harmless."""
    try:
        blockers = parts.settings.find_blockers(in_hand.user_id, people)
    except StoreUnavailable:
        return replace(in_hand, is_verified=False, degraded=True)
    return replace(in_hand, ready=ready.blocked_by(blockers))


@dataclass(frozen=True, slots=True)
class TrustedRules:
    """A user's rules that show everything the caller was promised."""

    ready: ReadyRules
    head: Head
    degraded: bool


def require_rules(
    parts: Parts, user_id: UserId, people: People, *, at_least: Version | None = None
) -> TrustedRules:
    """Return rules that are as good as promised; raise ``StoreUnavailable`` where there are none."""
    in_hand = rules_in_hand(parts, user_id, people, at_least=at_least)
    if in_hand.ready is None or not in_hand.is_verified:
        raise StoreUnavailable
    return TrustedRules(in_hand.ready, in_hand.head, in_hand.degraded)


def is_behind(held: Version, wanted: Version | None) -> bool:
    """Tell whether even the store is behind a token of the same history, as a lagging replica would be."""
    return wanted is not None and wanted.epoch == held.epoch and wanted.number > held.number


def _load(parts: Parts, user_id: UserId, at_least: Version | None) -> ReadyRules:
    """Read rules from the store and keep them in the cache.

    The lease is asked for before the store is read, so that an edit in between takes it away. A reading is
    shared with others who ask at the same time, but not with a caller who insists on a version, nor with who has
    the lease: it may have begun before that version was there, or before the lease was given.
    """
    lease = parts.rules.lease(user_id)
    shared = at_least is None and lease is None
    ready = ReadyRules(parts.settings.feed_rules(user_id, shared=shared))
    if lease:
        parts.rules.put(ready, lease)
    return ready
