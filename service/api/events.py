"""Events over HTTP: callers report what they showed and what people did with it."""

from flask import Response

from service.api.auth import needs
from service.api.bodies import TypedBody, answer
from service.api.contract import says
from service.api.parts import parts
from service.api.requests import Rooms
from service.api.schemas.events import EventsAnswer, EventsRequest, SecondLookRequest, arrived_from
from service.domain.feed_counts import ShownUnasked
from service.domain.people import require_id
from service.domain.surfaces import require_known_surface
from service.usecases.accept_events import accept_events, look_at_what_was_shown

events = Rooms("events", __name__, url_prefix="/v1", description=__doc__)
_request = TypedBody(EventsRequest)
_shown = TypedBody(SecondLookRequest)


@events.post("/events")
@needs("feed:filter")
@says(takes=EventsRequest, gives=EventsAnswer, refuses=("limit-reached",))
def report() -> Response:
    """Report showings, opened covers, and posts that should have been hidden."""
    reported = enumerate(_request.read().events)
    arrived = [arrived_from(each, f"events[{place}]") for place, each in reported]
    accept_events(parts().events, arrived, parts().now())
    return answer(EventsAnswer(accepted=len(arrived)))


@events.post("/feed/second-looks")
@needs("feed:filter")
@says(takes=SecondLookRequest, gives=EventsAnswer, refuses=("limit-reached",))
def judge_shown() -> Response:
    """Have judged what a surface showed without asking; the posts are dropped, what is counted is how many."""
    wanted = _shown.read()
    shown = ShownUnasked(
        require_id(wanted.viewer_id, "viewer_id"),
        parts().segment,
        require_known_surface(wanted.surface),
        wanted.at,
        wanted.shown,
    )
    look_at_what_was_shown(parts(), shown, str(wanted.id))
    return answer(EventsAnswer(accepted=1))
