"""A rules cache in a dictionary, with every promise of the real one and none of its bytes."""

from collections.abc import Sequence
from itertools import count

from service.domain.consistency import Head, Version
from service.domain.decisions import ReadyRules
from service.domain.people import UserId
from service.usecases.ports import Lease


class FakeRules:
    """Keeps rules, tombstones and leases; ``retired`` lists what was retired, in order.

    Its time stands still: nothing ends by itself. ``is_reachable`` False: it has nothing and keeps nothing.
    ``is_stumbling``: it answers nobody in time until somebody insists.
    ``forget_everything`` and ``forget`` are a flush and an eviction.
    """

    def __init__(self) -> None:
        self.retired: list[tuple[UserId, Version]] = []
        self.is_reachable = True
        self.is_stumbling = False
        self._standing: dict[UserId, tuple[Version, ReadyRules | None]] = {}
        self._leases: dict[UserId, Lease] = {}
        self._numbers = count(1)

    def get(self, user_id: UserId) -> ReadyRules | None:
        """Return the rules that are kept."""
        if not self.is_answering():
            return None
        _, ready = self._standing.get(user_id, (None, None))
        return ready

    def get_at_last(self, user_id: UserId) -> ReadyRules | None:
        """Return the same, and stumble no more."""
        self.is_stumbling = False
        return self.get(user_id)

    def lease(self, user_id: UserId) -> Lease | None:
        """Give the lease to the first who asks."""
        if user_id in self._leases or not self.is_reachable:
            return None
        self._leases[user_id] = Lease(f"lease-{next(self._numbers)}")
        return self._leases[user_id]

    def put(self, ready: ReadyRules, lease: Lease) -> None:
        """Keep rules under the lease, unless something newer stands."""
        rules = ready.rules
        if self._leases.get(rules.user_id) != lease:
            return
        del self._leases[rules.user_id]
        if rules.user_id not in self._standing or self._standing[rules.user_id][0] <= rules.version:
            self._standing[rules.user_id] = (rules.version, ready)

    def retire(self, user_id: UserId, version: Version) -> None:
        """Put a tombstone in the place of anything older, and take the lease away."""
        if not self.is_reachable:
            return
        self.retired.append((user_id, version))
        self._leases.pop(user_id, None)
        if user_id not in self._standing or self._standing[user_id][0] < version:
            self._standing[user_id] = (version, None)

    def retire_many(self, heads: Sequence[Head]) -> None:
        """Retire one after the other."""
        for head in heads:
            self.retire(head.user_id, head.version)

    def is_answering(self) -> bool:
        """Answer as long as it is said to be reachable."""
        return self.is_reachable and not self.is_stumbling

    def forget_everything(self) -> None:
        """Lose all rules, tombstones and leases, as a flush does."""
        self._standing.clear()
        self._leases.clear()

    def forget(self, user_id: UserId) -> None:
        """Lose what stands for one user, but not the lease, as an eviction does."""
        self._standing.pop(user_id, None)
