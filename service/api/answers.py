"""How edits and reads are answered: status, consistency token, ETag, pages."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from flask import Response, make_response, request

from service.api.parts import api_parts
from service.domain.consistency import Head
from service.domain.refusals import InvalidValue, Refusal
from service.usecases.editing import Edited

T = TypeVar("T")

Answer = tuple[T, int, dict[str, str]]

_KEPT_BY_CALLERS: Final = "private, no-cache"
_ENDED: Final = "-ended"
_STANDING: Final = range(1, 2**63)
"""The revisions of whatever there is."""
NOT_MODIFIED: Final = "Nothing changed since the ETag in If-None-Match."


def token_header(head: Head) -> dict[str, str]:
    """Return the header that lets a caller insist on what it just did."""
    return {"Consistency-Token": api_parts().tokens.token(head)}


def edited(done: Edited[Any], value: T, *, revision: int | None = None, has_ended: bool = False) -> Answer[T]:
    """Answer an edit with what it left: 201 where something new was made, else 200.

    ``revision`` is that of a setting which If-Match is honoured for, ``has_ended`` as in ``etag_of``.
    """
    headers = token_header(done.head)
    if revision is not None:
        headers["ETag"] = f'"{etag_of(revision, has_ended=has_ended)}"'
    return value, 201 if done.created else 200, headers


def gone(done: Edited[None]) -> Response:
    """Answer a removal: 204 and a consistency token."""
    return make_response("", 204, token_header(done.head))


def etag_of(revision: int, *, has_ended: bool = False) -> str:
    """Return the ETag of a single setting: the revision at which it last changed.

    ``has_ended``: something in it ended by itself since, so that it reads otherwise though nobody edited it.
    """
    return f"{revision}{_ENDED}" if has_ended else str(revision)


def expected_revisions(*, may_be_missing: bool = False) -> Collection[int] | None:
    """Return the revisions that If-Match allows; None where it allows any.

    ``may_be_missing``: the setting need not stand, which is revision nought, and ``*`` allows only what does.
    """
    if "If-Match" not in request.headers:
        return None
    if request.if_match.star_tag:
        return _STANDING if may_be_missing else None
    try:
        tags = [tag or "" for tag in request.if_match]  # werkzeug reads an empty tag as None
        return [int(tag.removesuffix(_ENDED)) for tag in tags]
    except ValueError as wrong:
        raise InvalidValue("If-Match", "takes ETags that this resource was answered with") from wrong


class IfMatchMissing(Refusal):
    """An edit that replaces everything does not say what it expects to replace."""

    code = "if-match-missing"

    def __init__(self) -> None:
        super().__init__("Send If-Match with the ETag of what shall be replaced, or * for whatever stands.")


def require_expected_revisions() -> Collection[int] | None:
    """Return the revisions that If-Match allows, as ``expected_revisions``; refuse a request without it."""
    if "If-Match" not in request.headers:
        raise IfMatchMissing
    return expected_revisions()


def read(value: T, *, revision: int, has_ended: bool = False) -> Answer[T] | Response:
    """Answer with a setting that If-Match is honoured for; 304 where the caller has it as it reads now."""
    etag = etag_of(revision, has_ended=has_ended)
    headers = {"ETag": f'"{etag}"', "Cache-Control": _KEPT_BY_CALLERS}
    return unless_known(etag, weak=False) or (value, 200, headers)


def unless_known(etag: str, *, weak: bool = True) -> Response | None:
    """Return 304 where the caller already has what this ETag stands for."""
    return not_modified(etag, weak=weak) if request.if_none_match.contains_weak(etag) else None


def not_modified(etag: str, *, weak: bool = True) -> Response:
    """Answer that what the caller has under this ETag is what there is."""
    known = Response(status=304)
    known.set_etag(etag, weak=weak)
    known.headers["Cache-Control"] = _KEPT_BY_CALLERS
    return known


def etag_from(*marks: object) -> str:
    """Return an ETag that says nothing about the marks it is made of, not even to somebody who guesses them.

    The epoch is among them: when a history began that the first block by somebody else may have begun.
    """
    return api_parts().tokens.mark(*marks)


@dataclass(frozen=True, slots=True)
class PageArguments:
    """Which part of a list the caller wants."""

    limit: int
    cursor: str | None
