"""Feed filtering over HTTP: decode, decide, encode."""

import msgspec
from flask import Response, request

from service.api.auth import caller, needs
from service.api.bodies import TypedBody, answer, bytes_sent
from service.api.contract import says
from service.api.errors import problem_of
from service.api.parts import api_parts, parts
from service.api.requests import Rooms
from service.api.schemas.feed import (
    FeedAnswer,
    FeedRequest,
    FeedRequests,
    FeedResults,
    SlicedFeedRequests,
    decision_bodies,
)
from service.domain.cost_ceilings import Effort
from service.domain.matching import MATCHER_VERSION
from service.domain.people import require_id
from service.domain.policy import POLICY_REVISION
from service.domain.refusals import Refusal
from service.telemetry.metrics import FEED_DEGRADED
from service.usecases.filter_feed import FilteredFeed, filter_feed
from service.usecases.ports import StoreUnavailable

feed = Rooms("feed", __name__, url_prefix="/v1/feed", description=__doc__)
_request = TypedBody(FeedRequest)
_requests = TypedBody(SlicedFeedRequests)


@feed.post("/filter")
@needs("feed:filter")
@says(takes=FeedRequest, gives=FeedAnswer, refuses=("limit-reached",))
def filter_candidates() -> Response:
    """Decide what a viewer sees of each candidate."""
    return answer(_answer_to(_request.read(), bytes_sent()))


@feed.post("/filter/batch")
@needs("feed:filter")
@says(takes=FeedRequests, gives=FeedResults, refuses=("limit-reached",))
def filter_pages() -> Response:
    """Decide up to fifty pages, each as if it had come alone.

    A request that would have been refused has a problem in its place; 503 where not one could be decided.
    """
    results = [_result_of(each) for each in _requests.read().requests]
    if results and all(result is None for result in results):
        raise StoreUnavailable
    return answer(FeedResults(results=[result or problem_of(StoreUnavailable()) for result in results]))


def _result_of(sliced: msgspec.Raw) -> FeedAnswer | dict[str, object] | None:
    """Return the answer to one request of many or its problem, None where nobody can tell right now."""
    try:
        return _answer_to(_request.decode(sliced, request.mimetype), len(memoryview(sliced)))
    except StoreUnavailable:
        return None
    except Refusal as refusal:
        return problem_of(refusal)


def _answer_to(wanted: FeedRequest, size: int) -> FeedAnswer:
    """Decide a page that came as so many bytes."""
    tokens = api_parts().tokens
    filtered = filter_feed(
        parts(),
        require_id(wanted.viewer_id, "viewer_id"),
        wanted.surface,
        wanted.candidates,
        slots=wanted.slots,
        at_least=tokens.version(wanted.viewer_id, wanted.consistency_token),
        size=size,
    )
    if filtered.degraded:
        FEED_DEGRADED.labels(_how(filtered)).inc()
    explain = "filter:explain" in caller().scopes
    return FeedAnswer(
        decisions=decision_bodies(filtered.decisions, explain=explain),
        removed=filtered.removed,
        kept=filtered.kept,
        fetch_more=filtered.fetch_more,
        revision=filtered.head.revision,
        policy_revision=POLICY_REVISION,
        matcher_version=MATCHER_VERSION,
        degraded=filtered.degraded,
        consistency_token=tokens.token(filtered.head),
    )


def _how(filtered: FilteredFeed) -> str:
    """Name what an answer went without."""
    if filtered.effort is not Effort.WHOLE:
        return "costly"
    return "unverified" if filtered.unverified else "cached"
