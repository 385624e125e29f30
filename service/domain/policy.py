"""Defaults for what a user never chose, and where an effective value comes from."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from service.domain.comment_limits import Audience, CommentLimits

POLICY_REVISION: Final = 1
WHO_CAN_COMMENT_BY_DEFAULT: Final = (Audience.EVERYONE,)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Effective(Generic[T]):
    """A value as it counts, the layer it comes from, and whether the user may change it."""

    value: T
    source: str
    locked: bool = False


def who_can_comment(limits: CommentLimits) -> Effective[tuple[Audience, ...]]:
    """Return who may comment on a user's posts: the user's own choice, else the platform's default."""
    if limits.who_can_comment is None:
        return Effective(WHO_CAN_COMMENT_BY_DEFAULT, "platform")
    return Effective(limits.who_can_comment, "user")
