"""Filters that ended long ago are forgotten, one user after the other."""

from datetime import datetime

from service.domain.keyword_filters import ended_long_ago
from service.domain.people import UserId
from service.usecases.ports import SettingsStore


def forget_ended_filters(store: SettingsStore, user_id: UserId, now: datetime) -> int:
    """Remove a user's filters that ended 90 days ago and return how many.

    It is an edit like any other, so that devices hear of it. No rules need to be retired: what ended decides nothing.
    """
    with store.edit(user_id) as settings:
        ended = [each for each in settings.keyword_filters.all() if ended_long_ago(each, now)]
        for each in ended:
            settings.keyword_filters.remove(each.id)
        if not ended:
            settings.discard()
        return len(ended)
