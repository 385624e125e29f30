"""By what figures may be broken down: closed lists, so that no value ever says who somebody is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from service.domain.comments.said import CommentReason
from service.domain.feed import ReasonCode
from service.domain.market_days import MARKETS, OTHER, known_market
from service.domain.not_interested import Reason
from service.domain.surfaces import SURFACES

UNKNOWN: Final = "unknown"
UNSTATED: Final = "none"


class Control(StrEnum):
    """The kinds of setting whose promise is measured."""

    KEYWORD_FILTER = "keyword_filter"
    NOT_INTERESTED = "not_interested"
    BLOCK = "block"
    MUTE = "mute"
    COMMENT_LIMIT = "comment_limit"


class Dimension(StrEnum):
    """What figures may be broken down by."""

    MARKET = "market"
    LANGUAGE = "language"
    SURFACE = "surface"
    PLATFORM = "platform"
    AGE_BAND = "age_band"
    TENURE = "tenure"
    BECAUSE = "because"
    REASON = "reason"
    CAUSE = "cause"
    LIMIT = "limit"
    TOPIC = "topic"
    WITHIN = "within"


PERSONAL: Final = frozenset(
    {Dimension.MARKET, Dimension.LANGUAGE, Dimension.PLATFORM, Dimension.AGE_BAND, Dimension.TENURE}
)
"""Dimensions that say something about people rather than about what was shown."""


class Cause(StrEnum):
    """Why something was shown that should have been hidden."""

    STALE_RULES = "stale_rules"
    DEGRADED = "degraded"
    DID_NOT_ASK = "did_not_ask"
    MATCHER_DISAGREES = "matcher_disagrees"
    EDITED_AFTERWARDS = "edited_afterwards"


LANGUAGES: Final = (
    *(
        "ar",
        "bn",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "fa",
        "fi",
        "fil",
        "fr",
        "he",
        "hi",
        "hu",
        "id",
        "it",
        "ja",
    ),
    *(
        "kk",
        "km",
        "ko",
        "ms",
        "my",
        "ne",
        "nl",
        "pl",
        "pt",
        "ro",
        "ru",
        "sv",
        "sw",
        "ta",
        "te",
        "th",
        "tr",
        "uk",
    ),
    *("ur", "vi", "zh"),
)

TOPICS: Final = (
    *("diets", "gambling", "gossip", "horror", "music"),
    *("politics", "pranks", "spoilers", "sports"),
)
"""Broad topics, so few that a table of them by language fits into one answer and onto one page."""

VALUES: Final[Mapping[Dimension, tuple[str, ...]]] = {
    Dimension.MARKET: tuple(MARKETS),
    Dimension.LANGUAGE: (*LANGUAGES, OTHER),
    Dimension.SURFACE: (*SURFACES, OTHER),
    Dimension.PLATFORM: ("android", "ios", "web", UNKNOWN),
    Dimension.AGE_BAND: ("minor", "adult", UNKNOWN),
    Dimension.TENURE: ("0-7d", "8-90d", "90d+", UNKNOWN),
    Dimension.BECAUSE: (*ReasonCode, OTHER),
    Dimension.REASON: (*Reason, UNSTATED, OTHER),
    Dimension.CAUSE: tuple(Cause),
    Dimension.LIMIT: (*CommentReason, OTHER),
    Dimension.TOPIC: (*TOPICS, OTHER),
    Dimension.WITHIN: ("0s", "1s", "2s", "5s", "10s", "30s", "60s", "600s", "3600s"),
}
"""Every value that a dimension can have; what is none of them counts under the last one."""

CONTROL_BEHIND: Final[Mapping[ReasonCode, Control]] = {
    ReasonCode.BLOCK: Control.BLOCK,
    ReasonCode.UNAVAILABLE: Control.BLOCK,
    ReasonCode.KEYWORD_FILTER: Control.KEYWORD_FILTER,
    ReasonCode.MUTE_USER: Control.MUTE,
    ReasonCode.MUTE_HASHTAG: Control.MUTE,
    ReasonCode.MUTE_TOPIC: Control.MUTE,
    ReasonCode.MUTE_SOUND: Control.MUTE,
    ReasonCode.MUTE_DOMAIN: Control.MUTE,
    ReasonCode.NOT_INTERESTED_ITEM: Control.NOT_INTERESTED,
    ReasonCode.NOT_INTERESTED_AUTHOR: Control.NOT_INTERESTED,
    ReasonCode.NOT_INTERESTED_SOUND: Control.NOT_INTERESTED,
    ReasonCode.NOT_INTERESTED_HASHTAG: Control.NOT_INTERESTED,
    ReasonCode.NOT_INTERESTED_TOPIC: Control.NOT_INTERESTED,
}
"""Whose doing a reason is; the platform's own policy is nobody's control."""

Dims: TypeAlias = tuple[tuple[Dimension, str], ...]
"""Dimensions with their values, in the order of their names."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What is known of a viewer and of the client they hold, in closed lists; everything may be unknown."""

    market: str = OTHER
    language: str = OTHER
    platform: str = UNKNOWN
    age_band: str = UNKNOWN
    tenure: str = UNKNOWN

    def values(self) -> dict[Dimension, tuple[str, ...]]:
        """Return the value of every dimension but the market, which is kept beside every count."""
        return {
            Dimension.LANGUAGE: (self.language,),
            Dimension.PLATFORM: (self.platform,),
            Dimension.AGE_BAND: (self.age_band,),
            Dimension.TENURE: (self.tenure,),
        }


NOWHERE: Final = Segment()
"""Somebody of whom nothing is known."""


def segment_from(stated: Mapping[str, str]) -> Segment:
    """Return the segment that a client states; what we have no name for is other or unknown, never an error."""
    language = stated.get("language", "").replace("_", "-").split("-")[0].lower()
    return Segment(
        market=known_market(stated.get("market", "").upper()),
        language=known_value(Dimension.LANGUAGE, language),
        platform=known_value(Dimension.PLATFORM, stated.get("platform", "")),
        age_band=known_value(Dimension.AGE_BAND, stated.get("age_band", "")),
        tenure=known_value(Dimension.TENURE, stated.get("tenure", "")),
    )


def known_value(dimension: Dimension, value: str) -> str:
    """Return a value if it is on its list, else the last of the list."""
    values = VALUES[dimension]
    return value if value in values else values[-1]


def broad_topic(topic: str) -> str:
    """Return what a platform's topic counts under: itself, or what stands before a slash, as in ``sports/chess``."""
    return known_value(Dimension.TOPIC, topic.partition("/")[0].lower())


def dims_text(dims: Iterable[tuple[Dimension, str]]) -> str:
    """Write dimensions as text, the same for the same dimensions in any order."""
    return ",".join(f"{dimension}={value}" for dimension, value in sorted(dims))


def read_dims(written: str) -> Dims:
    """Read what ``dims_text`` wrote."""
    pairs = (part.split("=", 1) for part in written.split(",") if part)
    return tuple((Dimension(name), value) for name, value in pairs)
