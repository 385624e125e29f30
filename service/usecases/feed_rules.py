"""How every decision gets the rules it goes by."""

from service.domain.consistency import Version, is_covered
from service.domain.decisions import ReadyRules
from service.domain.people import UserId
from service.usecases.ports import Parts


def current_rules(parts: Parts, user_id: UserId, *, at_least: Version | None = None) -> ReadyRules:
    """Return a user's rules from the cache where they cover ``at_least``, else from the store.

    The lease is asked for before the store is read, so that an edit in between takes it away.
    """
    cached = parts.rules.get(user_id)
    if cached and is_covered(at_least, cached.rules.version):
        return cached
    lease = parts.rules.lease(user_id)
    ready = ReadyRules(parts.settings.feed_rules(user_id))
    if lease:
        parts.rules.put(ready, lease)
    return ready
