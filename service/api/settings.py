"""The settings snapshot over HTTP."""

from flask import Response, jsonify, request

from service.api.answers import NOT_MODIFIED, etag_from, not_modified, token_header
from service.api.auth import needs
from service.api.contract import ETAG, TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.settings import SnapshotSchema
from service.domain.consistency import Head
from service.domain.policy import POLICY_REVISION
from service.usecases.read_settings import read_head, read_settings

settings = Rooms("settings", __name__, url_prefix="/v1/me/settings", description=__doc__)
_snapshot = SnapshotSchema()


@settings.get("")
@needs("settings")
@says(headers=(TOKEN, ETAG), if_none_match=True)
@settings.response(200, SnapshotSchema)
@settings.alt_response(304, description=NOT_MODIFIED, success=True)
def get_settings() -> Response:
    """Read everything that the caller chose, as of one moment."""
    known = _etag_that_still_holds(read_head(parts(), user_id()))
    if known:
        return not_modified(known)
    now = parts().now()
    snapshot = read_settings(parts(), user_id())
    etag = _etag(snapshot.head, str(int(snapshot.reads_alike_until(now).timestamp())))
    if request.if_none_match.star_tag:
        return not_modified(etag)
    answer = jsonify(_snapshot.dump(snapshot))
    answer.set_etag(etag, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers.update(token_header(snapshot.head))
    return answer


def _etag_that_still_holds(head: Head) -> str | None:
    """Return what the caller has, if it is a snapshot of these settings whose time is not over."""
    now = parts().now().timestamp()
    for etag in filter(None, request.if_none_match.as_set(include_weak=True)):
        until, _, _ = etag.partition("-")
        if etag == _etag(head, until) and now < int(until):
            return etag
    return None


def _etag(head: Head, until: str) -> str:
    """Return a weak ETag of own edits and of policy.

    It says itself until when, in seconds since 1970, the snapshot reads alike. An unchanged client then costs a look
    at the counters, and nobody has to look for what may have ended meanwhile. Before the first own edit there is
    nothing to tell apart, and the epoch only says that somebody blocked them.
    """
    epoch = head.version.epoch if head.revision else None
    return f"{until}-{etag_from(head.user_id, epoch, head.revision, POLICY_REVISION, until)}"
