"""Comment limits: who may comment on a user's posts, and what waits for the user's own look."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from service.domain.matching import Mode, Strictness, Term, parse_stored_term, parse_term
from service.domain.people import UserId
from service.domain.refusals import InvalidValue, LimitReached, require_few

KEYWORD_TERMS: Final = 500
APPROVED_USERS: Final = 1_000
POSTS_WITH_LIMITS: Final = 1_000
LONGEST_AGE_DAYS: Final = 3_650
MOST_MENTIONS: Final = 100
MOST_PER_HOUR: Final = 1_000
_RANGES: Final = {
    "min_follow_age_days": (0, LONGEST_AGE_DAYS),
    "min_account_age_days": (0, LONGEST_AGE_DAYS),
    "max_mentions": (0, MOST_MENTIONS),
    "max_per_hour": (1, MOST_PER_HOUR),
}
"""From where to where the number of each gate goes."""
SHORTEST_LIMITED: Final = timedelta(hours=1)
LONGEST_LIMITED: Final = timedelta(days=28)
ON_ITS_WAY: Final = timedelta(minutes=1)
"""How much the shortest and the longest limited mode may miss their mark: a request takes time to arrive."""


class Audience(StrEnum):
    """Groups of people who may comment, from loose to strict."""

    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    FOLLOWING = "following"
    FRIENDS = "friends"
    MENTIONED = "mentioned"
    NO_ONE = "no_one"


class HoldMode(StrEnum):
    """Which comments wait for the owner, from loose to strict; each holds what the one before it holds, and more.

    ``keywords`` holds what the owner's terms hit and what the caller's classifier suspects, ``first_time`` also
    comments by people of whom the owner never let one through.
    """

    OFF = "off"
    SUSPECTED = "suspected"
    KEYWORDS = "keywords"
    FIRST_TIME = "first_time"
    ALL = "all"


_LADDER: Final = tuple(HoldMode)


def holds(mode: HoldMode, at_least: HoldMode) -> bool:
    """Tell whether ``mode`` is as strict as ``at_least``."""
    return _LADDER.index(mode) >= _LADDER.index(at_least)


class LimitedAudience(StrEnum):
    """Whose comments wait while limited mode is on, from loose to strict; each includes the one before it."""

    NON_FOLLOWERS = "non_followers"
    FOLLOWERS_UNDER_7D = "followers_under_7d"
    ALL_BUT_FRIENDS = "all_but_friends"


@dataclass(frozen=True, slots=True)
class LimitedMode:
    """A stricter hold for a stormy time; it ends by itself at ``until``, and nothing it held is lost."""

    audience: LimitedAudience
    until: datetime
    since: datetime

    def is_on(self, now: datetime) -> bool:
        """Tell whether comments wait because of it at ``now``."""
        return self.since <= now < self.until

    def is_over(self, now: datetime) -> bool:
        """Tell whether it has ended at ``now``."""
        return self.until <= now

    def ended(self, now: datetime) -> "LimitedMode":
        """Return the same, over at ``now`` at the latest."""
        return replace(self, until=min(self.until, now))


@dataclass(frozen=True, slots=True)
class Gates:
    """What a commenter must pass, all of it; None or False: no such gate. Ages are in days."""

    min_follow_age_days: int | None = None
    min_account_age_days: int | None = None
    verified_contact: bool = False
    no_links: bool = False
    max_mentions: int | None = None
    max_per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class CommentLimits:
    """A user's comment limits; ``who_can_comment`` None: as the platform decides for somebody like them.

    ``approved_users`` wait for nothing but keywords, and with ``approved_users_exempt`` not for those either.
    """

    who_can_comment: tuple[Audience, ...] | None = None
    hold_mode: HoldMode = HoldMode.KEYWORDS
    keyword_terms: tuple[str, ...] = ()
    revision: int = 0
    gates: Gates = Gates()
    approved_users: tuple[UserId, ...] = ()
    approved_users_exempt: bool = False
    care_mode: bool = False
    limited_mode: LimitedMode | None = None

    def limited_mode_is_over(self, now: datetime) -> bool:
        """Tell whether there was a limited mode that is not on any more."""
        return self.limited_mode is not None and self.limited_mode.is_over(now)


@dataclass(frozen=True, slots=True)
class PostLimits:
    """One post's own rule; what it leaves None is as the owner's limits say."""

    who_can_comment: tuple[Audience, ...] | None = None
    hold_mode: HoldMode | None = None
    gates: Gates | None = None
    revision: int = 0

    def over(self, limits: CommentLimits) -> CommentLimits:
        """Return the limits that count under this post."""
        return replace(
            limits,
            who_can_comment=limits.who_can_comment if self.who_can_comment is None else self.who_can_comment,
            hold_mode=self.hold_mode or limits.hold_mode,
            gates=self.gates or limits.gates,
        )


@dataclass(frozen=True, slots=True)
class GatesPatch:
    """The gates that a PATCH names; the others stay as they are."""

    named: frozenset[str] = frozenset()
    gates: Gates = Gates()

    def apply(self, gates: Gates) -> Gates:
        """Return ``gates`` with the named ones changed."""
        return replace(gates, **{name: getattr(self.gates, name) for name in self.named})


@dataclass(frozen=True, slots=True)
class CommentLimitsPatch:
    """The members that a PATCH names; the others stay as they are."""

    named: frozenset[str]
    who_can_comment: tuple[Audience, ...] | None = None
    hold_mode: HoldMode = HoldMode.KEYWORDS
    keyword_terms: tuple[str, ...] = ()
    gates: GatesPatch = field(default_factory=GatesPatch)
    approved_users: tuple[UserId, ...] = ()
    approved_users_exempt: bool = False
    care_mode: bool = False
    limited_mode: LimitedMode | None = None

    def apply(self, limits: CommentLimits) -> CommentLimits:
        """Return ``limits`` with the named members changed."""
        changed = {name: getattr(self, name) for name in self.named - {"gates", "limited_mode"}}
        if "gates" in self.named:
            changed["gates"] = self.gates.apply(limits.gates)
        if "limited_mode" in self.named:
            changed["limited_mode"] = _continued(limits.limited_mode, self.limited_mode)
        return replace(limits, **changed)


@dataclass(frozen=True, slots=True)
class PostLimitsPatch:
    """The members of a post's own rule that are named; the others stay as they are, or as the owner's limits say."""

    named: frozenset[str]
    who_can_comment: tuple[Audience, ...] | None = None
    hold_mode: HoldMode | None = None
    gates: GatesPatch | None = None

    def apply(self, limits: PostLimits) -> PostLimits:
        """Return ``limits`` with the named members changed."""
        changed: dict[str, Any] = {name: getattr(self, name) for name in self.named}
        if self.gates:
            changed["gates"] = self.gates.apply(limits.gates or Gates())
        return replace(limits, **changed)


def _continued(kept: LimitedMode | None, wanted: LimitedMode | None) -> LimitedMode | None:
    """Let a limited mode that is on already go on, so that its digest covers all of it."""
    if kept and wanted and (kept.is_on(wanted.since) or kept.until == wanted.until):
        return replace(wanted, since=kept.since)
    return wanted


def remembering(limits: CommentLimits, kept: LimitedMode | None, now: datetime) -> CommentLimits:
    """Let a limited mode that is given up end now, rather than forget that it was and what it held."""
    return limits if limits.limited_mode or not kept else replace(limits, limited_mode=kept.ended(now))


def are_defaults(limits: CommentLimits) -> bool:
    """Tell whether limits are as those of somebody who never chose any."""
    return replace(limits, revision=0) == CommentLimits()


def require_valid_limits(limits: CommentLimits, kept: CommentLimits = CommentLimits()) -> None:
    """Refuse limits that contradict themselves or hold more than they may.

    Words that are ``kept`` are not judged again: a matcher that came later may refuse some, and nobody shall be kept
    from limiting comments over a word of years ago.
    """
    _require_valid_audiences(limits.who_can_comment)
    _require_valid_gates(limits.gates)
    require_few("comment keywords", limits.keyword_terms, KEYWORD_TERMS)
    require_few("approved users", limits.approved_users, APPROVED_USERS)
    known = set(kept.keyword_terms)
    for term in limits.keyword_terms:
        if term not in known:
            keyword(term)


def require_valid_post_limits(limits: PostLimits) -> None:
    """Refuse a post's own rule that contradicts itself."""
    _require_valid_audiences(limits.who_can_comment)
    if limits.gates:
        _require_valid_gates(limits.gates)


def require_room_for_post_limits(count: int) -> None:
    """Refuse one more post with a rule of its own than a user can have."""
    if count >= POSTS_WITH_LIMITS:
        raise LimitReached("posts with limits of their own", limit=POSTS_WITH_LIMITS, current=count + 1)


def require_sensible_length(wanted: LimitedMode | None, kept: LimitedMode | None, now: datetime) -> None:
    """Refuse a limited mode that ends in less than an hour or more than 28 days, unless it is the one that is kept.

    While that is on, its audience may change however little of it is left.
    """
    if wanted is None or wanted == kept:
        return
    if kept and kept.is_on(now) and wanted.until == kept.until:
        return
    length = wanted.until - now
    if not SHORTEST_LIMITED - ON_ITS_WAY <= length <= LONGEST_LIMITED + ON_ITS_WAY:
        raise InvalidValue("limited_mode.until", "lies 1 hour to 28 days ahead")


def _require_valid_audiences(audiences: tuple[Audience, ...] | None) -> None:
    if audiences is not None and not audiences:
        raise InvalidValue("who_can_comment", "name at least one group, or no_one")
    if audiences and Audience.NO_ONE in audiences and len(audiences) > 1:
        raise InvalidValue("who_can_comment", "no_one stands alone")
    require_few("groups that can comment", audiences or (), len(Audience))


def _require_valid_gates(gates: Gates) -> None:
    """Refuse a gate that nobody could mean, and whose number no clock or counter could take."""
    for name, (least, most) in _RANGES.items():
        value = getattr(gates, name)
        if value is not None and not least <= value <= most:
            raise InvalidValue(f"gates.{name}", f"is {least} to {most}")


def keyword(written: str) -> Term:
    """Return one of the owner's keywords as the matcher takes it: whole words, loose where long enough."""
    return parse_term(written, Mode.WORD, None)


def stored_keyword(written: str, strictness: Strictness | None = None) -> Term | None:
    """Return the same of a keyword that was accepted once, and nothing if this matcher refuses it."""
    return parse_stored_term(written, Mode.WORD, strictness)
