"""Feed filtering over HTTP: decode, decide, encode."""

from flask import Response, request

from service.api.auth import caller, needs
from service.api.bodies import TypedBody, answer
from service.api.contract import says
from service.api.parts import api_parts, parts
from service.api.requests import LARGEST_FEED_BODY, Rooms
from service.api.schemas.feed import FeedAnswer, FeedRequest, decision_body
from service.domain.cost_ceilings import Effort
from service.domain.matching import MATCHER_VERSION
from service.domain.people import require_id
from service.domain.policy import POLICY_REVISION
from service.telemetry.metrics import FEED_DEGRADED
from service.usecases.filter_feed import FilteredFeed, filter_feed

feed = Rooms("feed", __name__, url_prefix="/v1/feed", description=__doc__)
_request = TypedBody(FeedRequest)


@feed.post("/filter")
@needs("feed:filter")
@says(takes=FeedRequest, gives=FeedAnswer, refuses=("limit-reached",))
def filter_candidates() -> Response:
    """Decide what a viewer sees of each candidate."""
    wanted = _request.read()
    tokens = api_parts().tokens
    filtered = filter_feed(
        parts(),
        require_id(wanted.viewer_id, "viewer_id"),
        wanted.surface,
        wanted.candidates,
        slots=wanted.slots,
        at_least=tokens.version(wanted.viewer_id, wanted.consistency_token),
        size=request.content_length or LARGEST_FEED_BODY,
    )
    if filtered.degraded:
        FEED_DEGRADED.labels(_how(filtered)).inc()
    explain = "filter:explain" in caller().scopes
    return answer(
        FeedAnswer(
            decisions=[decision_body(decision, explain=explain) for decision in filtered.decisions],
            removed=filtered.removed,
            kept=filtered.kept,
            fetch_more=filtered.fetch_more,
            revision=filtered.head.revision,
            policy_revision=POLICY_REVISION,
            matcher_version=MATCHER_VERSION,
            degraded=filtered.degraded,
            consistency_token=tokens.token(filtered.head),
        )
    )


def _how(filtered: FilteredFeed) -> str:
    """Name what an answer went without."""
    if filtered.effort is not Effort.WHOLE:
        return "costly"
    return "unverified" if filtered.unverified else "cached"
