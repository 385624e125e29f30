"""Feed filtering over HTTP: decode, decide, encode."""

from flask import Response

from service.api.auth import caller, needs
from service.api.bodies import TypedBody, answer
from service.api.contract import says
from service.api.parts import api_parts, parts
from service.api.requests import Rooms
from service.api.schemas.feed import FeedAnswer, FeedRequest, decision_body
from service.domain.matching import MATCHER_VERSION
from service.domain.people import require_id
from service.domain.policy import POLICY_REVISION
from service.telemetry.metrics import FEED_DEGRADED
from service.usecases.filter_feed import filter_feed

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
    )
    if filtered.degraded:
        FEED_DEGRADED.labels("unverified" if filtered.unverified else "cached").inc()
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
