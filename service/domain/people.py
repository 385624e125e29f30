"""Ids of people, and what they may look like."""

from typing import TypeAlias

from service.domain.refusals import Refusal

UserId: TypeAlias = str

ID_LENGTH = 128


class CannotTargetYourself(Refusal):
    """A user names themself where only somebody else makes sense."""

    code = "cannot-target-yourself"

    def __init__(self) -> None:
        super().__init__("Nobody can do this to themself.")


def require_somebody_else(user_id: UserId, target_id: UserId) -> None:
    """Refuse a block or mute of oneself."""
    if user_id == target_id:
        raise CannotTargetYourself
