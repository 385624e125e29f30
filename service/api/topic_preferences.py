"""Topic sliders over HTTP."""

from dataclasses import asdict
from typing import Any

from flask import Response

from service.api.answers import Answer, edited, gone
from service.api.auth import needs
from service.api.contract import TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.topic_preferences import (
    KeptTopicPreferenceSchema,
    NewTopicPreferenceSchema,
    TopicPreferenceListSchema,
)
from service.domain.topic_preferences import TopicPreference
from service.usecases.edit_topic_preferences import (
    forget_topic_preference,
    list_topic_preferences,
    prefer_topic,
)

topic_preferences = Rooms(
    "topic preferences",
    __name__,
    url_prefix="/v1/me/topic-preferences",
    description="How much of a topic, on a slider.",
)


@topic_preferences.get("")
@needs("settings")
@topic_preferences.response(200, TopicPreferenceListSchema)
def list_preferences() -> dict[str, list[TopicPreference]]:
    """List the caller's sliders, in the order of the topics; topics that are not listed stand at 0."""
    return {"items": list_topic_preferences(parts(), user_id())}


@topic_preferences.put("/<topic>")
@needs("settings")
@topic_preferences.arguments(NewTopicPreferenceSchema)
@says(headers=(TOKEN,), refuses=("limit-reached",))
@topic_preferences.response(201, KeptTopicPreferenceSchema)
@topic_preferences.alt_response(200, schema=KeptTopicPreferenceSchema, success=True)
def put_preference(wanted: dict[str, int], topic: str) -> Answer[dict[str, Any]]:
    """Move a slider: -2 to 2 make ranks of ×0.1, 0.5, 1, 1.3, 1.6; to be sure never to see a topic, mute it."""
    done = prefer_topic(parts(), user_id(), topic, wanted["level"])
    return edited(done, asdict(done.value) | {"earlier": done.earlier})


@topic_preferences.delete("/<topic>")
@needs("settings")
@says(headers=(TOKEN,))
@topic_preferences.response(204)
def delete_preference(topic: str) -> Response:
    """Put a slider back where it was at first; fine where it was never moved."""
    return gone(forget_topic_preference(parts(), user_id(), topic))
