"""What the contract says in words: how calls work, and what each code, header and path parameter means."""

from collections.abc import Mapping
from typing import Any, Final

from service.domain.answers import KEY_LENGTH
from service.domain.mutes import MuteType
from service.domain.people import ID_LENGTH
from service.domain.staff_reads import TICKET_PATTERN
from service.domain.surfaces import SURFACES

TITLE: Final = "Safety controls"
VERSION: Final = "1.2.0"

INTRODUCTION: Final[Mapping[str, str]] = {
    "Who calls": (
        "Send `Authorization: Bearer` with a JWT of your identity provider. Its `sub` is the caller; each call "
        "needs one scope, named beside it. Calls under `/v1/me` are about the caller and take no user id."
    ),
    "Bodies": (
        "JSON in UTF-8; decision calls and events also speak `application/msgpack`. Members that a request body "
        "does not know are refused, and so are query parameters that are unknown or there twice. Answers may "
        "gain members: ignore what you do not know. Times are RFC 3339, answered in UTC. Ids are opaque and "
        f"hold at most {ID_LENGTH} characters."
    ),
    "Refusals": (
        "A call that fails answers with a problem document (RFC 9457, `application/problem+json`). Branch on "
        "its `code`; `detail` is for a developer to read, `errors` names the members that cannot be used: within "
        "one another as in the body, or of decision calls and events by one path, such as `candidates[3].id`. "
        "`503` may be sent again after `Retry-After`. The `X-Request-ID` of any answer finds it in the logs."
    ),
    "Decisions on posts": (
        "`keep` and `downrank`: show it. `blur` and `warn`: show it covered, until the viewer asks for it. `hide`: "
        "leave it out. `unverified`: leave it out, because nobody can tell right now. What is shown has its rank "
        "times `multiplier`, which is 1 where it is left out. `kept` is how many can be shown, `removed` how many "
        "are hidden, by the first of their reasons, and `fetch_more` how many of the `slots` stay empty. A "
        "reason's `index` is its place in a list; its `span` is in Unicode code points of the text as it was sent, "
        "the end not among them."
    ),
    "Decisions on comments": (
        "Made or edited, without a `viewer_id`: `allow` shows it to everybody, `hold` to its author alone until the "
        "post's owner decides, `refuse` to nobody. Ask again under the same id after each edit. Read, with a "
        "`viewer_id`: `show`, `placeholder` for one that opens when asked for, `hide`. Ask at each reading: held "
        "comments are known here, and replies go with their parents, whom `parent_id` names and who come in the "
        "same call."
    ),
    "Read your writes": (
        "Every edit, and the snapshot, answer with a `Consistency-Token`. Pass it as `consistency_token` to a "
        "decision call about the same user, and the decisions show at least that edit. Tokens are opaque and "
        "good for one user only."
    ),
    "Editing together": (
        "Where an answer carries an `ETag`, send it as `If-Match` with an edit: it is refused with `412` and "
        "the current state when somebody else was faster. Edits may be repeated: a PUT or DELETE says what "
        "shall be, and a POST under an id of your own, or with an `Idempotency-Key`, is taken once."
    ),
    "Keeping a copy": (
        "`GET /v1/me/changes` without `since` tells all that stands, page by page; keep its `next`. With `since` "
        "it tells what was put or removed after that, oldest first: put or drop the setting of that kind and id. "
        "A reset tells what in the copy does not count any more; drop both at its `erased_from`. "
        "Removals are told for 90 days; after that, `410`."
    ),
    "Lists": (
        "Lists come newest first, `limit` at a time. `next_cursor` is null on the last page, else send it as "
        "`cursor`."
    ),
    "Feed surfaces": (f"A post is shown somewhere: {', '.join(f'`{name}`' for name in SURFACES)}."),
}
"""Paragraphs by heading, with code between backticks."""

MEANINGS: Final[Mapping[str, str]] = {
    "bad-request": "The request cannot be read: broken JSON or msgpack, or a header or path that is not HTTP.",
    "ticket-missing": "Staff read a person's settings for a ticket only; name it in `X-Ticket`.",
    "unreadable-token": "The consistency token was not made for this user. Ask without it.",
    "unauthenticated": "There is no access token, or it is not valid here. Sign in or renew it.",
    "scope-missing": "The access token is good, but not for this call; `scope` names what it lacks.",
    "not-found": "There is no such thing for this caller. Somebody else's thing gives the same answer.",
    "method-not-allowed": "This path does not take this method; `Allow` lists those it takes.",
    "not-acceptable": "None of the media types in `Accept` can be answered.",
    "import-under-way": "Another import, or an edit just now, is in the way. Try again.",
    "metric-unknown": "The catalogue has no metric of this name; `GET /v1/insights/metrics` lists all.",
    "window-not-closed": "Days at the end are not final yet: figures are there through `complete_through`.",
    "window-not-aligned": "The days cut through a week or block; `aligned_from` to `aligned_to` are whole.",
    "dimension-not-offered": "The metric is not kept by this dimension; `offered` are those by which it is.",
    "too-many-dimensions": "A figure is kept by one dimension at a time, and where there are controls by those.",
    "keyword-filter-exists": "The caller's filter of this id says something else. PATCH it, or take another id.",
    "too-late-to-restore": "The reset was made more than 24 hours ago and stands; `restorable_until` says when.",
    "request-in-flight": "The same request under the same `Idempotency-Key` is being answered. Ask again.",
    "changes-gone": "The bookmark is too old or of another history. Drop the copy and begin without `since`.",
    "revision-mismatch": "It has changed since the ETag in `If-Match`; `current` is how it stands now.",
    "too-large": "The body holds more bytes than this call takes.",
    "unsupported-media-type": "The body is compressed, or of a media type that this call does not read.",
    "cannot-target-yourself": "Nobody can block or mute themself.",
    "cannot-target-guardian": "Nobody blocks a guardian of theirs, whom the claim `guardians` of the token names.",
    "cannot-target-platform": "Nobody can block or mute an account by which the platform speaks about safety.",
    "too-often": "It was done `limit` times lately; it can be done again after `Retry-After`.",
    "idempotency-key-reused": "The `Idempotency-Key` belongs to another request of this caller.",
    "invalid": "Some members or parameters cannot be used; `errors` says which, and why.",
    "invalid-import": "Some rows cannot be used; `invalid` says which, and why. Nothing was imported.",
    "limit-reached": "Something countable is full: `limit` is how many there can be. Nothing was truncated.",
    "unmatchable-term": "A term holds nothing that could be found in a text.",
    "if-match-missing": "This edit replaces everything: read it first, and send its ETag as `If-Match`.",
    "header-fields-too-large": "The header fields hold more bytes than the server takes.",
    "internal": "A fault of ours. The `X-Request-ID` finds it in the logs.",
    "keys-unavailable": "The identity provider's keys cannot be had right now. Try again.",
    "overloaded": "More is asked than can be answered right now, and nothing was done. Try again.",
    "store-unavailable": "The settings cannot be reached right now, and nothing was changed. Try again.",
}
"""What each code of ``errors.STATUSES`` tells a caller, and what to do about it."""

HEADERS: Final[Mapping[str, str]] = {
    "X-Request-ID": "Names this request in the logs: the caller's own where it sent a plain one, else a new one.",
    "Consistency-Token": "Opaque; lets a decision call insist on seeing what this answer says.",
    "ETag": "Stands for this state; send it back in If-Match or If-None-Match.",
    "Retry-After": "Seconds to wait before trying again.",
    "WWW-Authenticate": "What is wrong with the access token (RFC 6750).",
}

IF_MATCH: Final[Mapping[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "description": "Edit only what still is at this ETag; `*`, or no such header, edits whatever stands.",
    "schema": {"type": "string"},
    "example": '"7"',
}
IDEMPOTENCY_KEY: Final[Mapping[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "Made by the caller, one for each thing that its user does. Sent again with the same request within 24 "
        "hours, nothing is done again: the first answer comes back, with `Idempotency-Replayed: true`. After "
        "an answer of 429 or 5xx, or none at all, the request may be sent again under the same key."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[!-~]+$"},
}
TICKET: Final[Mapping[str, Any]] = {
    "name": "X-Ticket",
    "in": "header",
    "required": True,
    "description": "The ticket that this look is for; it stays on record with the name of whoever looks.",
    "schema": {"type": "string", "pattern": TICKET_PATTERN},
    "example": "SUP-1234",
}
VIEWER_SEGMENT: Final[Mapping[str, Any]] = {
    "name": "Viewer-Segment",
    "in": "header",
    "description": (
        "What is known of the user and of the client they hold, for counting alone: `market`, `language`, "
        "`platform`, `age_band`, `tenure`, each optional. A value on no list counts as other or unknown, and "
        "nothing in it is ever refused."
    ),
    "schema": {"type": "string"},
    "example": "market=JP, language=ja, platform=ios, age_band=adult, tenure=90d+",
}
IF_NONE_MATCH: Final[Mapping[str, Any]] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "Answer 304 without a body if nothing changed since this ETag.",
    "schema": {"type": "string"},
}

PATH_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "filter_id": {"description": "The id of one of the caller's keyword filters."},
    "comment_id": {"description": "The id of a comment that was held under one of the caller's posts."},
    "post_id": {"description": "The id of one of the caller's posts."},
    "signal_id": {"description": "The id of one of the caller's signals."},
    "name": {"description": "The name of a metric of the catalogue."},
    "term_id": {"description": "The id of a term that waits for a reviewer."},
    "target_id": {"description": "The id of the person or thing; a hashtag with or without #."},
    "user_id": {"description": "The id of the person whose settings are looked at."},
    "type": {
        "description": "What kind of thing.",
        "schema": {"type": "string", "enum": [str(kind) for kind in MuteType]},
    },
}
