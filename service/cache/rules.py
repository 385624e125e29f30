"""Feed rules in Redis: filled under a lease, and never with anything older than what stands or was retired.

Cache-aside with a plain SET or DEL cannot keep what we promise: a slow reader puts back what an edit has just
taken out. A version alone cannot either: after an eviction there is nothing left to compare it with. The lease
closes that gap, because an edit takes it away and a flush loses it.
"""

import random
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

import redis

from service.cache.client import ForgivingRedis, get
from service.cache.keys import Kind, key_of
from service.cache.rules_codec import (
    HEAD_LENGTH,
    UnbelievableEntry,
    decode_rules,
    encode_rules,
    encode_tombstone,
    encode_version,
)
from service.cache.rules_watch import RulesWatch
from service.cache.scripts import CHANGED, KEEP, RETIRE
from service.cache.warm_rules import Warm, WarmRules
from service.domain.consistency import Change, Head, Version
from service.domain.decisions import ReadyRules
from service.domain.people import UserId
from service.telemetry.metrics import (
    RULES_CACHE_LOOKUPS,
    RULES_CACHE_PUTS,
    RULES_CACHE_REJECTED,
    TERMS_PASSED_OVER,
)
from service.usecases.ports import Lease

RULES_LIVE_FOR: Final = timedelta(minutes=13, seconds=30)
"""With the jitter at most 15 minutes, the age up to which rules may decide while PostgreSQL is down."""
JITTER: Final = 0.1
LEASE_LIVES_FOR: Final = timedelta(seconds=5)
TOMBSTONE_LIVES_FOR: Final = timedelta(seconds=30)
"""Longer than a lease and the longest edit together: whoever read before the edit was kept can no longer put."""
RETIRED_AT_ONCE: Final = 100
A_FEW: Final = 2
"""An edit of one's own affects oneself, a block somebody else too."""
Retirement = tuple[tuple[str, str], tuple[bytes, bytes, int]]
"""Keys and arguments of the script that retires one user's rules."""
HEAVY_ENTRY_BYTES: Final = 16 * 1024
"""From about here on fetching an entry (1,400 blocks) takes longer than asking a script whether it changed."""
Ask = Callable[[str, Callable[[redis.Redis], object]], object]
NEW_LEASE: Final = partial(secrets.token_hex, 8)

_UNCHANGED, _WARM, _HIT, _RETIRED, _MISS, _REJECTED = map(
    RULES_CACHE_LOOKUPS.labels, ("unchanged", "warm", "hit", "retired", "miss", "rejected")
)


def _milliseconds(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


class RedisRules:
    """The rules cache on one Redis, shared by all processes, and what this process made of it."""

    def __init__(
        self,
        reached: ForgivingRedis,
        *,
        warm: WarmRules | None = None,
        watch: RulesWatch | None = None,
        lease_lives_for: timedelta = LEASE_LIVES_FOR,
        new_lease: Callable[[], str] = NEW_LEASE,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._redis = reached
        self._warm = WarmRules() if warm is None else warm
        self._watch = watch
        self._lease_ms = _milliseconds(lease_lives_for)
        self._new_lease = new_lease
        self._uniform = uniform

    def get(self, user_id: UserId) -> ReadyRules | None:
        """Return the rules that are kept, at whatever version; one round trip, or none where nothing changed."""
        return self._found(user_id, self._redis.ask)

    def get_at_last(self, user_id: UserId) -> ReadyRules | None:
        """As ``get``, but also right after Redis did not answer in time."""
        return self._found(user_id, self._redis.ask_at_last)

    def _found(self, user_id: UserId, ask: Ask) -> ReadyRules | None:
        key, warm, watch = key_of(Kind.RULES, user_id), self._warm.find(user_id), self._watch
        if warm and watch and watch.is_still(key, warm.head):
            _UNCHANGED.inc()
            return warm.ready
        question = watch.asks(key) if watch else 0
        entry = ask("get", partial(_fetch, key=key, warm=warm))
        if not isinstance(entry, bytes):
            _MISS.inc()
            return None
        ready = self._made_ready(user_id, entry, warm)
        if watch and ready:
            watch.answered(key, question, entry[:HEAD_LENGTH])
        return ready

    def lease(self, user_id: UserId) -> Lease | None:
        """Ask for the right to fill a user's place; it lasts five seconds."""
        key, lease = key_of(Kind.LEASE, user_id), self._new_lease()
        given = self._redis.ask("lease", lambda client: client.set(key, lease, nx=True, px=self._lease_ms))
        return Lease(lease) if given else None

    def put(self, ready: ReadyRules, lease: Lease) -> None:
        """Keep rules that were read after the lease was given, unless newer ones were kept or retired since."""
        rules = ready.rules
        TERMS_PASSED_OVER.inc(ready.filters.passed_over)
        entry = encode_rules(rules)
        args = (lease, entry, encode_version(rules.version), self._time_to_live())
        kept = self._redis.ask("put", lambda client: KEEP.run(client, _places(rules.user_id), args))
        if kept:
            self._warm.hold(rules.user_id, entry, ready)
        RULES_CACHE_PUTS.labels("kept" if kept else "refused").inc()

    def retire(self, user_id: UserId, version: Version) -> None:
        """Drop rules older than ``version``, and let nobody fill the place with older ones."""
        keys, args = _retirement(user_id, version)
        self._redis.ask("retire", lambda client: RETIRE.run(client, keys, args))
        if self._watch:
            self._watch.change(keys[0])

    def retire_many(self, heads: Sequence[Head]) -> None:
        """Retire whoever an edit affects, while it holds their locks: an import may block 10,000 people."""
        if len(heads) <= A_FEW:
            for head in heads:
                self.retire(head.user_id, head.version)
            return
        for calls in _at_once(heads):
            self._redis.ask("retire", partial(_run_all_retirements, calls=calls))
            if self._watch:
                for (rules, _), _ in calls:
                    self._watch.change(rules)

    def retire_all(self, changes: Sequence[Change]) -> None:
        """Retire many users' rules for sure; raise ``CacheUnreachable`` where that cannot be said of all.

        For the outbox relay, which keeps what it could not deliver. A hundred users a round trip; repeating
        what was retired already changes nothing.
        """
        for calls in _at_once(changes):
            self._redis.insist("retire", partial(_run_all_retirements, calls=calls))

    def is_answering(self) -> bool:
        """Tell whether Redis can be reached right now."""
        return bool(self._redis.ask("ping", lambda client: client.ping()))

    def close(self) -> None:
        """Hang up."""
        if self._watch:
            self._watch.close()
        self._redis.close()

    def _made_ready(self, user_id: UserId, entry: bytes, warm: Warm | None) -> ReadyRules | None:
        if warm and entry.startswith(warm.head):
            _WARM.inc()
            return warm.ready
        try:
            rules = decode_rules(entry, user_id)
        except UnbelievableEntry as disbelief:
            RULES_CACHE_REJECTED.labels(disbelief.flaw).inc()
            _REJECTED.inc()
            return None
        if rules is None:
            _RETIRED.inc()
            return None
        ready = ReadyRules(rules)
        TERMS_PASSED_OVER.inc(ready.filters.passed_over)
        self._warm.hold(user_id, entry, ready)
        _HIT.inc()
        return ready

    def _time_to_live(self) -> int:
        """Spread the ends, so that what was filled together is not missing together."""
        return int(_milliseconds(RULES_LIVE_FOR) * self._uniform(1 - JITTER, 1 + JITTER))


def _fetch(client: redis.Redis, *, key: str, warm: Warm | None) -> object:
    """Get an entry; of a heavy one that is warm only the head, unless it changed."""
    if warm and warm.entry_length >= HEAVY_ENTRY_BYTES:
        return CHANGED.run(client, [key], [warm.head])
    return get(client, key)


def _places(user_id: UserId) -> tuple[str, str]:
    return key_of(Kind.RULES, user_id), key_of(Kind.LEASE, user_id)


def _retirement(user_id: UserId, version: Version) -> Retirement:
    lives_for = _milliseconds(TOMBSTONE_LIVES_FOR)
    return _places(user_id), (encode_tombstone(version), encode_version(version), lives_for)


def _at_once(heads: Sequence[Head | Change]) -> Iterator[list[Retirement]]:
    for start in range(0, len(heads), RETIRED_AT_ONCE):
        yield [_retirement(head.user_id, head.version) for head in heads[start : start + RETIRED_AT_ONCE]]


def _run_all_retirements(client: redis.Redis, *, calls: Sequence[Retirement]) -> Any:
    RETIRE.run_all(client, calls)
