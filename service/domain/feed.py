"""Feed candidates and what becomes of them.

Msgspec structs rather than dataclasses: a request carries up to 500 candidates and is decoded straight into these,
which costs a third of building dataclasses from dicts. ``gc=False``: none of them can be part of a cycle, and a
thousand of them a request would set off the collector again and again.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from service.domain.expiry import Instant
from service.domain.people import Id, UserId

LARGEST_REQUEST = 500


class Outcome(StrEnum):
    """What a viewer sees of a candidate, from all of it to nothing; ``unverified``: nobody can tell right now."""

    KEEP = "keep"
    DOWNRANK = "downrank"
    BLUR = "blur"
    WARN = "warn"
    HIDE = "hide"
    UNVERIFIED = "unverified"


class ReasonCode(StrEnum):
    """Why a candidate is not simply kept, strongest first."""

    BLOCK = "block"
    UNAVAILABLE = "unavailable"
    POLICY = "policy"
    KEYWORD_FILTER = "keyword_filter"
    MUTE_USER = "mute_user"
    MUTE_HASHTAG = "mute_hashtag"
    MUTE_TOPIC = "mute_topic"
    MUTE_SOUND = "mute_sound"
    MUTE_DOMAIN = "mute_domain"
    NOT_INTERESTED_ITEM = "not_interested_item"
    NOT_INTERESTED_AUTHOR = "not_interested_author"
    NOT_INTERESTED_SOUND = "not_interested_sound"
    NOT_INTERESTED_HASHTAG = "not_interested_hashtag"
    NOT_INTERESTED_TOPIC = "not_interested_topic"


class Quoted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The post that a candidate quotes, stitches or duets with."""

    author_id: UserId
    text: str = ""


class Candidate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A post that the feed may show, as the feed service describes it."""

    id: Id
    author_id: UserId
    author_name: str = ""
    caption: str = ""
    hashtags: tuple[str, ...] = ()
    on_screen_text: str = ""
    transcript: str = ""
    sound_id: str | None = None
    sound_title: str = ""
    topics: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    alt_text: str = ""
    quoted: Quoted | None = None
    reposter_id: UserId | None = None
    parent_author_id: UserId | None = None
    root_author_id: UserId | None = None
    mentions: tuple[UserId, ...] = ()
    viewer_follows_author: bool = False
    created_at: Instant | None = None


class Reason(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Why a candidate got its outcome; ``outcome`` and ``multiplier`` are what this reason alone asks for.

    ``setting_id``, ``span`` and ``index`` are for the setting's owner. ``span`` counts code points in the field as it
    was sent; ``index`` says which item where the field is a list.
    """

    code: ReasonCode
    outcome: Outcome
    multiplier: float = 1.0
    setting_id: str | None = None
    source: str | None = None
    field: str | None = None
    index: int | None = None
    span: tuple[int, int] | None = None
    until: datetime | None = None
    evasion: bool | None = None


class Decision(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a viewer sees of one candidate, with every reason, strongest first.

    Where nothing is said against it, an answer carries it just as it is: what is left out then is as usual.

    ``quote`` is what they see of the quoted text where that differs from the post around it, as in a thread; what is
    said of it alone stands last among the reasons.
    """

    id: str
    outcome: Outcome
    multiplier: float = 1.0
    reasons: tuple[Reason, ...] = ()
    quote: Outcome = Outcome.KEEP


_STRENGTH = {outcome: strength for strength, outcome in enumerate(Outcome)}
_PRECEDENCE = {code: place for place, code in enumerate(ReasonCode)}


def decision_from(candidate_id: str, reasons: list[Reason]) -> Decision:
    """Let the strongest outcome win; several downranks multiply."""
    if not reasons:
        return Decision(candidate_id, Outcome.KEEP)
    reasons.sort(key=_strongest_first)
    multiplier = 1.0
    for reason in reasons:
        multiplier *= reason.multiplier
    return Decision(candidate_id, reasons[0].outcome, multiplier, tuple(reasons))


def with_quote(decision: Decision, about_quote: list[Reason]) -> Decision:
    """Add what is said of the quoted text alone, which leaves the post around it as it was decided."""
    about_quote.sort(key=_strongest_first)
    reasons = (*decision.reasons, *about_quote)
    return Decision(decision.id, decision.outcome, decision.multiplier, reasons, about_quote[0].outcome)


def kept_all(candidates: Sequence[Candidate]) -> list[Decision]:
    """Return the decisions on candidates that nothing is said against."""
    keep = Outcome.KEEP  # looked up once: two hundred times costs as much as a tenth of deciding
    return [Decision(candidate.id, keep) for candidate in candidates]


def nobody_can_tell(candidate_id: str) -> Decision:
    """Return the decision on a candidate for a viewer whose rules cannot be read."""
    return Decision(candidate_id, Outcome.UNVERIFIED)


def at_best_unverified(decision: Decision) -> Decision:
    """Return what a decision is worth when its rules may be out of date: they prove a hide, and nothing else."""
    return decision if decision.outcome is Outcome.HIDE else nobody_can_tell(decision.id)


def _strongest_first(reason: Reason) -> tuple[int, int]:
    return -_STRENGTH[reason.outcome], _PRECEDENCE[reason.code]
