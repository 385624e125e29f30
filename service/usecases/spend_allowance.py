"""Nobody asks more of the service than people do."""

from math import ceil

from service.domain.allowances import Spending, allowance_for
from service.domain.people import UserId
from service.domain.refusals import TooOften
from service.usecases.ports import Parts


def require_allowance(parts: Parts, user_id: UserId, spending: Spending) -> None:
    """Spend one of a user's allowance; refuse where it is used up."""
    wait = parts.allowances.spend(user_id, spending)
    if wait is not None:
        allowance = allowance_for(spending, writes_per_minute=parts.allowances.writes_per_minute)
        raise TooOften(
            f"{spending} in {allowance.period.total_seconds():.0f} seconds",
            limit=allowance.size,
            current=allowance.size + 1,
            retry_after_seconds=ceil(wait.total_seconds()),
        )
