"""Redis stopped for twenty seconds while many read and write, then PostgreSQL, then both: what callers get meanwhile.

Longer with ``OUTAGE_SECONDS=60``; with everything else that breaks, ``python -m load_tests.faults``.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from load_tests.deployment import Client
from load_tests.histories import Flaw, Histories
from load_tests.token_history import CAUGHT_AT_LEAST, Heard, Size, Traffic
from load_tests.variants import BROKEN
from tests.faults.conftest import Breakable
from tests.faults.test_degradation import is_calm
from tests.waiting import eventually

SECONDS = float(os.environ.get("OUTAGE_SECONDS", "20"))
SETTLING_SECONDS = 1.0
"""How long after a fault answers may still come from before it, or from a service that has yet to notice."""
LOAD = Size(writers=2, readers=4, rest=5.0)
"""One request at a time or so: the other tests need the processors."""
LATE_AT_MOST = 0.05
"""How many calls may be told to come again where nothing they need is stopped: a busy machine is late by itself."""
SERVED_AT_LEAST = 0.2
"""Of all but writes, while PostgreSQL is stopped: nine tenths on a quiet machine, half on one four times overbooked."""


def break_nothing(breakable: Breakable) -> None:
    """Heal."""
    breakable.redis.heal()
    breakable.postgres.heal()


def stop_redis(breakable: Breakable) -> None:
    """Have Redis refuse."""
    breakable.redis.refuse()


def stop_postgres(breakable: Breakable) -> None:
    """Have PostgreSQL refuse, and Redis answer."""
    break_nothing(breakable)
    breakable.postgres.refuse()


def stop_both(breakable: Breakable) -> None:
    """Have Redis refuse, too, where PostgreSQL does."""
    breakable.redis.refuse()


SCRIPT: list[tuple[Callable[[Breakable], None], float]] = [
    (break_nothing, 2.0),
    (stop_redis, SECONDS),
    (break_nothing, 3.0),
    (stop_postgres, SECONDS / 4),
    (stop_both, SECONDS / 5),
    (break_nothing, 4.0),
]


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to the servers, and when callers felt nothing else."""

    what: Callable[[Breakable], None]
    began: float
    ended: float


def play(breakable: Breakable, acts: list[Act]) -> Iterator[None]:
    """Go through the script, a look at the clock at a time."""
    for what, seconds in SCRIPT:
        what(breakable)
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            yield
        acts.append(Act(what, began + SETTLING_SECONDS, time.monotonic() - SETTLING_SECONDS))


def statuses(
    heard: Sequence[Heard], acts: Sequence[Act], what: Callable[[Breakable], None]
) -> tuple[Counter[int], Counter[int]]:
    """Return how writes were answered while that was so, and how all else was."""
    writes: Counter[int] = Counter()
    others: Counter[int] = Counter()
    for each in heard:
        over = each.at + each.milliseconds / 1_000
        if any(act.what is what and act.began <= each.at and over <= act.ended for act in acts):
            (writes if each.what == "write" else others)[each.status] += 1
    return writes, others


def late_share(*found: Counter[int]) -> float:
    """Return how many calls of all were told to come again."""
    return sum(each[503] for each in found) / sum(each.total() for each in found)


def test_nothing_wrong_is_kept_and_nothing_breaks_while_servers_are_stopped_under_load(
    healthy: Breakable,
) -> None:
    histories = Histories(4, healthy=False, prefix="stopped")
    traffic = Traffic(healthy.deployment, histories, LOAD)
    acts: list[Act] = []
    script = play(healthy, acts)

    traffic.run(seconds=sum(seconds for _, seconds in SCRIPT), meanwhile=lambda: next(script, None))
    list(script)

    assert histories.flaws == {}, histories.examples
    assert {each.status for each in traffic.heard} <= {200, 201, 409, 503}
    for served in (break_nothing, stop_redis):
        found = statuses(traffic.heard, acts, served)
        assert late_share(*found) <= LATE_AT_MOST, found
    writes, others = statuses(traffic.heard, acts, stop_postgres)
    assert set(writes) == {503}
    # Settings are not read without PostgreSQL, and all else not while Redis is left alone for want of a processor.
    assert others[200] > SERVED_AT_LEAST * others.total(), others
    assert [set(each) for each in statuses(traffic.heard, acts, stop_both)] == [{503}, {503}]


def test_a_cache_whose_deletions_got_lost_with_redis_is_caught(healthy: Breakable) -> None:
    histories = Histories(5, prefix="undeleted")
    traffic = Traffic(replace(healthy.deployment, path=BROKEN), histories, Size())
    asks = CAUGHT_AT_LEAST // len(histories.people)

    def is_caught() -> bool:
        """Tell; nothing is kept, or found, where Redis needs more than its 50 ms."""
        histories.flaws.clear()
        with closing(Client(traffic.base_url)) as client:
            for person in histories.people:
                traffic.edit(client, person)
                traffic.ask_feed(client, person, histories.ask(person, person.mark))
            healthy.redis.refuse()
            for person in histories.people:
                traffic.edit(client, person)
            healthy.redis.heal()
            eventually(partial(is_calm, healthy))
            for person in histories.people * asks:
                traffic.ask_feed(client, person, histories.ask(person, person.mark))
        return histories.flaws[Flaw.BEHIND] >= CAUGHT_AT_LEAST // 2 and histories.flaws[Flaw.KEPT] > 0

    eventually(is_caught)
