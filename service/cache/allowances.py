"""Allowances in Redis: buckets that fill up again, one for each user and kind of spending."""

from datetime import timedelta
from typing import Final

from service.cache.client import ForgivingRedis
from service.cache.keys import Kind, key_of
from service.cache.scripts import SPEND
from service.domain.allowances import WRITES_PER_MINUTE, Spending, allowance_for
from service.domain.people import UserId

KINDS: Final = {
    Spending.WRITES: Kind.WRITES,
    Spending.BLOCKS: Kind.BLOCKS,
    Spending.BATCHES: Kind.BATCHES,
    Spending.PREVIEWS: Kind.PREVIEWS,
}


class RedisAllowances:
    """Everybody's allowances on one Redis.

    Where it cannot be reached everybody may spend: somebody who is being harassed must be able to block, and
    edits are bounded by their locks all the same.
    """

    def __init__(self, reached: ForgivingRedis, *, writes_per_minute: int = WRITES_PER_MINUTE) -> None:
        self._redis = reached
        self.writes_per_minute = writes_per_minute

    def spend(self, user_id: UserId, spending: Spending) -> timedelta | None:
        """Spend one; return how long to wait instead where there is none left."""
        allowance = allowance_for(spending, writes_per_minute=self.writes_per_minute)
        keys = [key_of(KINDS[spending], user_id)]
        args = (allowance.size, allowance.period // timedelta(milliseconds=1))
        wait = self._redis.ask("spend", lambda client: SPEND.run(client, keys, args))
        return timedelta(milliseconds=wait) if wait else None
