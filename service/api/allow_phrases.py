"""Allow phrases over HTTP: exceptions to all of the caller's keyword filters."""

from flask import Response

from service.api.answers import NOT_MODIFIED, Answer, edited, read, require_expected_revisions
from service.api.auth import needs
from service.api.contract import ETAG, TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.allow_phrases import AllowPhrasesSchema, NewAllowPhrasesSchema
from service.domain.allow_phrases import AllowPhrases
from service.usecases.edit_allow_phrases import replace_allow_phrases
from service.usecases.read_settings import read_allow_phrases

allow_phrases = Rooms("allow phrases", __name__, url_prefix="/v1/me/allow-phrases", description=__doc__)


@allow_phrases.get("")
@needs("settings")
@says(headers=(ETAG,), if_none_match=True)
@allow_phrases.response(200, AllowPhrasesSchema)
@allow_phrases.alt_response(304, description=NOT_MODIFIED, success=True)
def get_phrases() -> Answer[AllowPhrases] | Response:
    """Read the wordings in which the caller's filters let a term pass."""
    kept = read_allow_phrases(parts(), user_id())
    return read(kept, revision=kept.revision)


@allow_phrases.put("")
@needs("settings")
@allow_phrases.arguments(NewAllowPhrasesSchema)
@says(
    headers=(TOKEN, ETAG),
    if_match=True,
    refuses=("if-match-missing", "limit-reached", "unmatchable-term"),
)
@allow_phrases.response(200, AllowPhrasesSchema)
def put_phrases(phrases: tuple[str, ...]) -> Answer[AllowPhrases]:
    """Replace all allow phrases; needs If-Match, so that no device overwrites what it never saw."""
    expected = require_expected_revisions()
    done = replace_allow_phrases(parts(), user_id(), phrases, expected=expected)
    return edited(done, done.value, revision=done.value.revision)
