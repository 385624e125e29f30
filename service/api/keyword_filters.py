"""Keyword filters over HTTP."""

from typing import Any

from flask import Response

from service.api.answers import NOT_MODIFIED, Answer, edited, expected_revisions, gone, read
from service.api.auth import needs
from service.api.contract import ETAG, TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.everywhere import PageQuery
from service.api.schemas.keyword_filters import (
    KeptFilterSchema,
    KeywordFilterPageSchema,
    KeywordFilterPatchSchema,
    KeywordFilterSchema,
    NewKeywordFilterSchema,
    PreviewRequestSchema,
    PreviewSchema,
    WordingPatch,
)
from service.domain.keyword_filters import KeywordFilter, NewKeywordFilter
from service.domain.paging import Page, Position
from service.usecases.edit_keyword_filters import (
    KeptFilter,
    add_keyword_filter,
    change_keyword_filter,
    remove_keyword_filter,
)
from service.usecases.preview_keyword_filter import Preview, preview_keyword_filter
from service.usecases.read_settings import find_keyword_filter, list_keyword_filters

keyword_filters = Rooms("keyword filters", __name__, url_prefix="/v1/me/keyword-filters", description=__doc__)


@keyword_filters.get("")
@needs("settings")
@keyword_filters.arguments(PageQuery, location="query")
@keyword_filters.response(200, KeywordFilterPageSchema)
def list_filters(page: tuple[int, Position | None]) -> Page[KeywordFilter]:
    """List the caller's keyword filters, newest first."""
    return list_keyword_filters(parts(), user_id(), *page)


@keyword_filters.post("")
@needs("settings")
@keyword_filters.arguments(NewKeywordFilterSchema)
@says(headers=(TOKEN, ETAG), refuses=("keyword-filter-exists", "limit-reached", "unmatchable-term"))
@keyword_filters.response(201, KeptFilterSchema)
@keyword_filters.alt_response(200, schema=KeptFilterSchema, success=True)
def add_filter(new: NewKeywordFilter) -> Answer[KeptFilter]:
    """Add a keyword filter; the same body under the same id twice is safe and answers 200."""
    done = add_keyword_filter(parts(), user_id(), new)
    return edited(done, done.value, revision=done.value.filter.revision)


@keyword_filters.get("/<filter_id>")
@needs("settings")
@says(headers=(ETAG,), if_none_match=True, refuses=("not-found",))
@keyword_filters.response(200, KeywordFilterSchema)
@keyword_filters.alt_response(304, description=NOT_MODIFIED, success=True)
def get_filter(filter_id: str) -> Answer[KeywordFilter] | Response:
    """Read one keyword filter."""
    found = find_keyword_filter(parts(), user_id(), filter_id)
    return read(found, revision=found.revision)


@keyword_filters.patch("/<filter_id>")
@needs("settings")
@keyword_filters.arguments(KeywordFilterPatchSchema, required=False)
@says(headers=(TOKEN, ETAG), if_match=True, refuses=("not-found", "limit-reached", "unmatchable-term"))
@keyword_filters.response(200, KeptFilterSchema)
def change_filter(change: WordingPatch, filter_id: str) -> Answer[KeptFilter]:
    """Change the members that the body names; If-Match is honoured."""
    done = change_keyword_filter(parts(), user_id(), filter_id, change, expected=expected_revisions())
    return edited(done, done.value, revision=done.value.filter.revision)


@keyword_filters.delete("/<filter_id>")
@needs("settings")
@says(headers=(TOKEN,), if_match=True, refuses=("not-found",))
@keyword_filters.response(204)
def remove_filter(filter_id: str) -> Response:
    """Remove a keyword filter; If-Match is honoured."""
    return gone(remove_keyword_filter(parts(), user_id(), filter_id, expected=expected_revisions()))


@keyword_filters.post("/preview")
@needs("settings")
@keyword_filters.arguments(PreviewRequestSchema)
@says(refuses=("unmatchable-term", "limit-reached"))
@keyword_filters.response(200, PreviewSchema)
def preview(draft: dict[str, Any]) -> Preview:
    """Try a draft against posts that the client sends, beside the filters that are there; nothing is stored."""
    return preview_keyword_filter(parts(), user_id(), draft["filter"], draft["posts"])
