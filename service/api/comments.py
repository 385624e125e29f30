"""Comment checks over HTTP."""

from flask import Response

from service.api.auth import caller, needs
from service.api.bodies import TypedBody, answer, bytes_sent
from service.api.contract import says
from service.api.parts import api_parts, parts
from service.api.requests import Rooms
from service.api.schemas.comments import CommentsAnswer, CommentsRequest, decision_body, require_plain_ids
from service.domain.matching import MATCHER_VERSION
from service.domain.people import require_id
from service.domain.policy import POLICY_REVISION
from service.usecases.check_comments import check_comments

comments = Rooms("comments", __name__, url_prefix="/v1/comments", description=__doc__)
_request = TypedBody(CommentsRequest)


@comments.post("/check")
@needs("comments:check")
@says(takes=CommentsRequest, gives=CommentsAnswer, refuses=("limit-reached",))
def check() -> Response:
    """Decide what becomes of comments: made or edited by the owner's limits, or as one viewer sees them."""
    wanted = _request.read()
    require_plain_ids(wanted)
    about = require_id(wanted.viewer_id, "viewer_id") if wanted.viewer_id else wanted.post.owner_id
    tokens = api_parts().tokens
    checked = check_comments(
        parts(),
        wanted.post,
        wanted.comments,
        viewer_id=wanted.viewer_id,
        at_least=tokens.version(about, wanted.consistency_token),
        size=bytes_sent(),
    )
    explain = "filter:explain" in caller().scopes
    return answer(
        CommentsAnswer(
            decisions=[decision_body(decision, explain=explain) for decision in checked.decisions],
            revision=checked.head.revision,
            policy_revision=POLICY_REVISION,
            matcher_version=MATCHER_VERSION,
            degraded=checked.degraded,
            consistency_token=tokens.token(checked.head),
        )
    )
