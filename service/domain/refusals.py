"""Refusals: errors that the caller can act on, as statements with data."""

from collections.abc import Mapping, Sized
from typing import ClassVar


class Refusal(Exception):  # noqa: N818  a refusal is an answer, not a fault
    """A request that cannot be granted, and why.

    ``code`` is the name that callers branch on; the HTTP status for it stands in ``api/errors.py``.
    ``detail`` is one sentence for a developer; ``facts`` are further members of the problem document.
    """

    code: ClassVar[str]

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class LimitReached(Refusal):
    """Something countable is full: nothing was truncated and nothing half applied."""

    code = "limit-reached"

    def __init__(self, what: str, *, limit: int, current: int) -> None:
        super().__init__(f"At most {limit} {what}; this would make {current}.", limit=limit, current=current)


class TooOften(Refusal):
    """Something was done as often as it may be for now; ``retry_after_seconds`` tells when it can be again."""

    code = "too-often"

    def __init__(self, what: str, *, limit: int, current: int, retry_after_seconds: int) -> None:
        super().__init__(
            f"At most {limit} {what}.",
            limit=limit,
            current=current,
            retry_after_seconds=retry_after_seconds,
        )


class NotFound(Refusal):
    """The thing named does not exist for this caller; somebody else's thing gives the same answer."""

    code = "not-found"

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}.")


class InvalidValue(Refusal):
    """A value is well formed but cannot be used; ``errors`` names the place, as a schema error does."""

    code = "invalid"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}", errors={field: [why]})


class InvalidItem(Refusal):
    """One of many has members that cannot be used; ``errors`` names them."""

    code = "invalid"

    def __init__(self, errors: Mapping[str, object]) -> None:
        super().__init__("Some members cannot be used: " + ", ".join(sorted(errors)) + ".", errors=errors)


class RevisionMismatch(Refusal):
    """The caller changes a state that is not the current one any more; ``kept`` is the current one."""

    code = "revision-mismatch"

    def __init__(self, kept: object) -> None:
        super().__init__("It has changed since you read it; current is how it stands now.")
        self.kept = kept


def require_few(what: str, items: Sized, limit: int) -> None:
    """Refuse more of something than there may be; of a closed list that is all of it, or something comes twice."""
    if len(items) > limit:
        raise LimitReached(what, limit=limit, current=len(items))
