"""What every rules cache promises, on the fake and on a real server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import redis

from service.cache.client import ForgivingRedis, make_client
from service.cache.keys import Kind, key_of
from service.cache.rules import RedisRules
from service.domain.consistency import Head, Version
from service.domain.decisions import ReadyRules
from service.domain.feed_rules import FeedRules
from service.domain.people import UserId
from service.usecases.ports import Lease, RulesCache
from tests.fakes.rules import FakeRules

EPOCH = 1_790_000_000_000_000


@dataclass(frozen=True)
class Kept:
    """A cache, and the two ways in which a server forgets."""

    rules: RulesCache
    flush: Callable[[], object]
    evict: Callable[[UserId], object]


def fake() -> Kept:
    rules = FakeRules()
    return Kept(rules, rules.forget_everything, rules.forget)


def real(client: redis.Redis) -> Kept:
    return Kept(
        RedisRules(ForgivingRedis(client)),
        client.flushdb,
        lambda user_id: client.delete(key_of(Kind.RULES, user_id)),
    )


@pytest.fixture(params=["fake", "redis"])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    if request.param == "fake":
        yield fake()
        return
    with make_client(request.getfixturevalue("clean_redis"), timeout_seconds=5) as client:
        yield real(client)


def ready_at(number: int, user_id: UserId = "viewer", epoch: int = EPOCH) -> ReadyRules:
    return ReadyRules(FeedRules(user_id=user_id, version=Version(epoch, number), revision=number))


def leased(cache: RulesCache, user_id: UserId = "viewer") -> Lease:
    lease = cache.lease(user_id)
    assert lease
    return lease


def fill(cache: RulesCache, ready: ReadyRules) -> None:
    cache.put(ready, leased(cache, ready.rules.user_id))


def number_kept(cache: RulesCache, user_id: UserId = "viewer") -> int | None:
    found = cache.get(user_id)
    return found.rules.version.number if found else None


def test_nothing_is_kept_at_first(kept: Kept) -> None:
    assert kept.rules.get("viewer") is None


def test_rules_put_under_a_lease_are_kept(kept: Kept) -> None:
    ready = ready_at(3)

    fill(kept.rules, ready)

    found = kept.rules.get("viewer")
    assert found
    assert found.rules == ready.rules


def test_each_user_has_their_own_rules(kept: Kept) -> None:
    for number, user_id in enumerate(("viewer", "viewer:lease", "{viewer}", "Viewer", "viewer ", "")):
        fill(kept.rules, ready_at(number + 1, user_id))

    found = [
        kept.rules.get(user_id) for user_id in ("viewer", "viewer:lease", "{viewer}", "Viewer", "viewer ", "")
    ]

    assert [ready.rules.user_id for ready in found if ready] == [
        "viewer", "viewer:lease", "{viewer}", "Viewer", "viewer ", "",
    ]  # fmt: skip


def test_only_one_asker_gets_the_lease(kept: Kept) -> None:
    leased(kept.rules)

    assert kept.rules.lease("viewer") is None
    assert kept.rules.lease("somebody-else")


def test_a_put_gives_the_lease_back(kept: Kept) -> None:
    fill(kept.rules, ready_at(1))

    assert kept.rules.lease("viewer")


def test_a_put_without_the_lease_keeps_nothing(kept: Kept) -> None:
    leased(kept.rules)

    kept.rules.put(ready_at(1), Lease("made-up"))

    assert kept.rules.get("viewer") is None


def test_a_lease_serves_once(kept: Kept) -> None:
    lease = leased(kept.rules)
    kept.rules.put(ready_at(1), lease)

    kept.rules.put(ready_at(2), lease)

    assert number_kept(kept.rules) == 1


def test_retiring_drops_older_rules(kept: Kept) -> None:
    fill(kept.rules, ready_at(1))

    kept.rules.retire("viewer", Version(EPOCH, 2))

    assert kept.rules.get("viewer") is None


def test_retiring_leaves_the_rules_of_others(kept: Kept) -> None:
    fill(kept.rules, ready_at(1, "somebody-else"))

    kept.rules.retire("viewer", Version(EPOCH, 2))

    assert number_kept(kept.rules, "somebody-else") == 1


@pytest.mark.parametrize("standing", [2, 3])
def test_retiring_leaves_rules_that_are_as_new(kept: Kept, standing: int) -> None:
    fill(kept.rules, ready_at(standing))

    kept.rules.retire("viewer", Version(EPOCH, 2))

    assert number_kept(kept.rules) == standing


def test_retiring_takes_the_lease_away(kept: Kept) -> None:
    lease = leased(kept.rules)
    kept.rules.retire("viewer", Version(EPOCH, 2))

    kept.rules.put(ready_at(2), lease)

    assert kept.rules.get("viewer") is None
    assert kept.rules.lease("viewer")


def test_rules_read_before_the_edit_was_kept_are_not_kept_after_it(kept: Kept) -> None:
    """An edit retires before it commits; somebody may still lease, and read the old rules, in between."""
    kept.rules.retire("viewer", Version(EPOCH, 2))

    fill(kept.rules, ready_at(1))

    assert kept.rules.get("viewer") is None


def test_the_rules_that_were_announced_may_be_kept(kept: Kept) -> None:
    kept.rules.retire("viewer", Version(EPOCH, 2))

    fill(kept.rules, ready_at(2))

    assert number_kept(kept.rules) == 2


@pytest.mark.parametrize("people", [1, 2, 250])
def test_many_are_retired_as_each_would_be(kept: Kept, people: int) -> None:
    everybody = [f"viewer-{number}" for number in range(people)]
    for each in (*everybody, "another"):
        fill(kept.rules, ready_at(1, each))
    lease = leased(kept.rules, everybody[-1])

    kept.rules.retire_many([Head(each, 2, Version(EPOCH, 2)) for each in everybody])
    kept.rules.put(ready_at(1, everybody[-1]), lease)

    assert [number_kept(kept.rules, each) for each in everybody] == [None] * people
    assert number_kept(kept.rules, "another") == 1


def test_an_older_retirement_that_comes_late_changes_nothing(kept: Kept) -> None:
    kept.rules.retire("viewer", Version(EPOCH, 3))
    kept.rules.retire("viewer", Version(EPOCH, 2))

    fill(kept.rules, ready_at(2))

    assert kept.rules.get("viewer") is None


def test_rules_of_a_later_epoch_replace_those_of_an_earlier_one(kept: Kept) -> None:
    fill(kept.rules, ready_at(900))

    fill(kept.rules, ready_at(1, epoch=EPOCH + 1))

    found = kept.rules.get("viewer")
    assert found
    assert found.rules.version == Version(EPOCH + 1, 1)


def test_rules_of_an_earlier_epoch_never_come_back(kept: Kept) -> None:
    kept.rules.retire("viewer", Version(EPOCH + 1, 0))

    fill(kept.rules, ready_at(900))

    assert kept.rules.get("viewer") is None


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (Version(EPOCH, 255), Version(EPOCH, 256)),
        (Version(EPOCH, 9), Version(EPOCH, 10)),
        (Version(EPOCH, 2**53), Version(EPOCH, 2**53 + 1)),
        (Version(127, 2**63), Version(128, 0)),
    ],
)
def test_versions_compare_as_numbers_of_any_size(kept: Kept, older: Version, newer: Version) -> None:
    kept.rules.retire("viewer", newer)
    fill(kept.rules, ready_at(older.number, epoch=older.epoch))
    assert kept.rules.get("viewer") is None

    fill(kept.rules, ready_at(newer.number, epoch=newer.epoch))

    found = kept.rules.get("viewer")
    assert found
    assert found.rules.version == newer


def test_a_flush_takes_the_lease_with_it(kept: Kept) -> None:
    """Else a reader who slept through an edit and a flush would put back what the edit took out."""
    lease = leased(kept.rules)
    kept.rules.retire("viewer", Version(EPOCH, 2))
    kept.flush()

    kept.rules.put(ready_at(1), lease)

    assert kept.rules.get("viewer") is None


def test_a_lost_tombstone_does_not_let_an_older_reader_in(kept: Kept) -> None:
    lease = leased(kept.rules)
    kept.rules.retire("viewer", Version(EPOCH, 2))
    kept.evict("viewer")

    kept.rules.put(ready_at(1), lease)

    assert kept.rules.get("viewer") is None


def test_lost_rules_can_be_filled_again(kept: Kept) -> None:
    fill(kept.rules, ready_at(1))
    kept.evict("viewer")
    assert kept.rules.get("viewer") is None

    fill(kept.rules, ready_at(1))

    assert number_kept(kept.rules) == 1
