"""Changes over HTTP, for devices that keep a copy."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Response, jsonify

from service.api.answers import token_header
from service.api.auth import needs
from service.api.contract import TOKEN, says
from service.api.json import dumps
from service.api.parts import api_parts, parts, user_id
from service.api.requests import Rooms
from service.api.schemas.changes import ChangesQuery, ChangesSchema, shown
from service.usecases.read_changes import bookmark_after, read_changes

LARGEST_DELTA_BYTES: Final = 32 * 1024
"""What one answer holds, before compression; but at least one change, however large its setting."""

changes = Rooms("changes", __name__, url_prefix="/v1/me/changes", description=__doc__)


@changes.get("")
@needs("settings")
@changes.arguments(ChangesQuery, location="query")
@says(headers=(TOKEN,), refuses=("changes-gone",))
@changes.response(200, ChangesSchema)
def list_changes(asked: tuple[str | None, int]) -> Response:
    """Learn what changed since the place that ``next`` of an earlier answer stands for."""
    since, limit = asked
    bookmarks = api_parts().bookmarks
    read = read_changes(parts(), user_id(), bookmarks.read(user_id(), since) if since else None, limit)
    told = fitting([shown(each) for each in read.changes])
    after = bookmark_after(parts(), read, len(told))
    has_more = read.has_more or len(told) < len(read.changes)
    answer = jsonify({"changes": told, "next": bookmarks.write(user_id(), after), "has_more": has_more})
    answer.headers.update(token_header(read.head))
    return answer


def fitting(told: Sequence[dict[str, Any]], largest: int = LARGEST_DELTA_BYTES) -> Sequence[dict[str, Any]]:
    """Return as many changes as one answer holds, at least one."""
    weight = 0
    for number, each in enumerate(told):
        weight += len(dumps(each))
        if number and weight > largest:
            return told[:number]
    return told
