"""The settings snapshot over HTTP."""

from flask import Response, jsonify

from service.api.answers import NOT_MODIFIED, etag_from, token_header, unless_known
from service.api.auth import needs
from service.api.contract import ETAG, TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.settings import SnapshotSchema
from service.domain.consistency import Head
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
    known = unless_known(_etag(read_head(parts(), user_id())))
    if known:
        return known
    snapshot = read_settings(parts(), user_id())
    answer = jsonify(_snapshot.dump(snapshot))
    answer.set_etag(_etag(snapshot.head), weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers.update(token_header(snapshot.head))
    return answer


def _etag(head: Head) -> str:
    """Return a weak ETag of own edits and the day: effects of signals fade from day to day without an edit.

    Before the first own edit there is nothing to tell apart, and the epoch only says that somebody blocked them.
    """
    epoch = head.version.epoch if head.revision else None
    return etag_from(head.user_id, epoch, head.revision, parts().now().date())
