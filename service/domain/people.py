"""Ids of people, and what they may look like."""

import unicodedata
from collections.abc import Collection
from typing import Annotated, TypeAlias

import msgspec

from service.domain.refusals import InvalidValue, Refusal

ID_LENGTH = 128

Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=ID_LENGTH)]
UserId: TypeAlias = Id


class CannotTargetYourself(Refusal):
    """A user names themself where only somebody else makes sense."""

    code = "cannot-target-yourself"

    def __init__(self) -> None:
        super().__init__("Nobody can do this to themself.")


class CannotTargetPlatform(Refusal):
    """A user names one of the platform's own safety accounts, whose notices reach everybody."""

    code = "cannot-target-platform"

    def __init__(self) -> None:
        super().__init__("Notices of this account are about safety and reach everybody.")


class CannotTargetGuardian(Refusal):
    """A young user blocks a guardian of theirs, who would then not see what they answer for."""

    code = "cannot-target-guardian"

    def __init__(self) -> None:
        super().__init__("A guardian cannot be blocked.")


def require_no_guardian(target_id: UserId, guardians: Collection[UserId]) -> None:
    """Refuse a block of somebody who is a guardian of the user."""
    if target_id in guardians:
        raise CannotTargetGuardian


def require_private_account(target_id: UserId, platform_accounts: Collection[UserId]) -> None:
    """Refuse a block or mute of an account by which the platform speaks about safety."""
    if target_id in platform_accounts:
        raise CannotTargetPlatform


def require_somebody_else(user_id: UserId, target_id: UserId) -> None:
    """Refuse a block or mute of oneself."""
    if user_id == target_id:
        raise CannotTargetYourself


def require_id(value: str, field: str) -> str:
    """Return an id that can stand in a row, a key and a log line; refuse control characters and wrong lengths."""
    if not 1 <= len(value) <= ID_LENGTH:
        raise InvalidValue(field, f"has 1 to {ID_LENGTH} characters")
    if not is_plain(value):
        raise InvalidValue(field, "has control characters or broken surrogates")
    return value


def is_plain(value: str) -> bool:
    """Tell whether a text has neither control characters nor halves of surrogate pairs."""
    return value.isprintable() or not any(unicodedata.category(each) in {"Cc", "Cs"} for each in value)
