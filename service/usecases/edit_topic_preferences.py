"""A user moves topic sliders."""

from service.domain.people import UserId
from service.domain.topic_preferences import (
    TopicPreference,
    counting_preferences,
    require_position,
    require_room_for_topic,
)
from service.usecases.editing import Edited, editing
from service.usecases.ports import Parts, SettingsReading


def prefer_topic(parts: Parts, user_id: UserId, topic: str, level: int) -> Edited[TopicPreference]:
    """Put the slider of a topic somewhere; what a reset set aside takes no room and is no earlier position."""
    require_position(level)
    with editing(parts, user_id) as settings:
        standing = {each.topic: each for each in topic_preferences_in(settings)}
        earlier = standing.get(topic)
        if earlier is None:
            require_room_for_topic(len(standing))
        kept = TopicPreference(topic, level, parts.now(), settings.head.revision)
        settings.topic_preferences.put(kept)
        return Edited(kept, settings.head, created=earlier is None, earlier=earlier)


def forget_topic_preference(parts: Parts, user_id: UserId, topic: str) -> Edited[None]:
    """Put the slider of a topic back where it was at first; fine where it was never moved."""
    with editing(parts, user_id) as settings:
        if any(each.topic == topic for each in topic_preferences_in(settings)):
            settings.topic_preferences.remove(topic)
        else:
            settings.discard()
        return Edited(None, settings.head)


def list_topic_preferences(parts: Parts, user_id: UserId) -> list[TopicPreference]:
    """Return the sliders that count, in the order of the topics."""
    with parts.settings.read(user_id) as settings:
        return topic_preferences_in(settings)


def topic_preferences_in(settings: SettingsReading) -> list[TopicPreference]:
    """Return the sliders that no reset set aside."""
    return counting_preferences(settings.topic_preferences.all(), settings.resets.all())
