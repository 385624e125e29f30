"""Events over HTTP: callers report what they showed and what people did with it."""

from flask import Response

from service.api.auth import needs
from service.api.bodies import TypedBody, answer
from service.api.contract import says
from service.api.parts import parts
from service.api.requests import Rooms
from service.api.schemas.events import EventsAnswer, EventsRequest, arrived_from
from service.usecases.accept_events import accept_events

events = Rooms("events", __name__, url_prefix="/v1/events", description=__doc__)
_request = TypedBody(EventsRequest)


@events.post("")
@needs("feed:filter")
@says(takes=EventsRequest, gives=EventsAnswer)
def report() -> Response:
    """Report showings, opened covers, and posts that should have been hidden."""
    arrived = [arrived_from(each) for each in _request.read().events]
    accept_events(parts().events, arrived, parts().now())
    return answer(EventsAnswer(accepted=len(arrived)))
