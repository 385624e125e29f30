"""Allowances without a clock: nobody's ends until a test says so."""

from datetime import timedelta

from service.domain.allowances import WRITES_PER_MINUTE, Spending
from service.domain.people import UserId


class FakeAllowances:
    """Counts what is spent; ``used_up`` names what there is none left of, and for how long."""

    def __init__(self) -> None:
        self.writes_per_minute = WRITES_PER_MINUTE
        self.spent: list[tuple[UserId, Spending]] = []
        self.used_up: dict[Spending, timedelta] = {}

    def spend(self, user_id: UserId, spending: Spending) -> timedelta | None:
        """Spend one; return how long to wait instead where there is none left."""
        self.spent.append((user_id, spending))
        return self.used_up.get(spending)
