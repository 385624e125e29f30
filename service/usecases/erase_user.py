"""A user leaves, and takes along everything that they ever chose."""

from service.domain.erasure import Receipt
from service.domain.people import UserId
from service.usecases.ports import Parts


def erase_user(parts: Parts, user_id: UserId) -> Receipt:
    """Erase all that is kept of a user, cached rules included; safe to repeat.

    As with every edit, the cache is retired before anything is deleted for good. People whom the user had blocked
    may wait for the relay: until then they see less than they could, never more than they should.
    """
    with parts.settings.erase(user_id) as (erased, *_):
        parts.rules.retire(erased.user_id, erased.version)
    return Receipt(parts.new_id("er"), parts.now())
