"""What callers get while Redis or PostgreSQL is away: exact, or marked, or refused, and never a wrong keep."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
import redis

from load_tests.deployment import Client
from load_tests.driver import Reply
from load_tests.variants import BROKEN, elsewhere
from service.cache.keys import Kind, key_of
from service.cache.rules_codec import decode_rules
from tests.fault_proxy import FaultProxy
from tests.faults.conftest import Breakable
from tests.waiting import eventually

POSTS = [
    {"id": "troll", "author_id": "troll"},
    {"id": "new-troll", "author_id": "new-troll"},
    {"id": "word", "author_id": "ann", "caption": "pineapple again"},
    {"id": "cat", "author_id": "ann", "caption": "a cat"},
]
EXACT = {"troll": "hide", "new-troll": "keep", "word": "hide", "cat": "keep"}

Fault = Callable[[FaultProxy], None]
DOWN: list[Any] = [
    pytest.param(FaultProxy.refuse, id="refuses"),
    pytest.param(FaultProxy.hold, id="hangs"),
]
SLOW: Any = pytest.param(lambda proxy: proxy.delay(0.2), id="is slow")


@dataclass
class Evening:
    """A viewer with a block and a filter, and everybody who asks about her."""

    breakable: Breakable
    client: Client
    name: str = field(default_factory=lambda: f"mia-{secrets.token_hex(4)}")
    token: str = ""

    def edit(self, method: str, path: str, body: Any = None) -> Reply:
        """Let her app edit; carry the token on."""
        reply = self.client.call(method, path, body, token=self.breakable.deployment.user(self.name))
        self.token = reply.headers.get("consistency-token", self.token)
        return reply

    def block(self, name: str) -> Reply:
        """Let her block somebody."""
        return self.edit("PUT", f"/v1/me/blocks/{name}")

    def feed(self, token: str | None = None, viewer: str = "") -> Reply:
        """Ask for her feed."""
        body = {"viewer_id": viewer or self.name, "surface": "for_you", "candidates": POSTS, "slots": 4}
        caller = self.breakable.deployment.service("feed:filter")
        return self.client.call("POST", "/v1/feed/filter", body | {"consistency_token": token}, token=caller)

    def comments(self, token: str | None = None, owner: str = "") -> Reply:
        """Ask what becomes of a comment by the troll under her post."""
        body = {
            "post": {"id": "post", "owner_id": owner or self.name},
            "comments": [{"id": "c", "author_id": "troll", "text": "hello"}],
            "consistency_token": token,
        }
        caller = self.breakable.deployment.service("comments:check")
        return self.client.call("POST", "/v1/comments/check", body, token=caller)


def outcomes(reply: Reply) -> dict[str, str]:
    """Return what became of each post."""
    assert reply.status == 200, reply.body
    return {each["id"]: each["outcome"] for each in reply.json()["decisions"]}


def kept(reply: Reply) -> set[str]:
    """Return the posts that may be shown."""
    return {each for each, outcome in outcomes(reply).items() if outcome == "keep"}


def is_refused(reply: Reply) -> bool:
    """Tell whether the caller is asked to come again, and nothing was decided."""
    return reply.status == 503 and "retry-after" in reply.headers and b"decisions" not in reply.body


@contextmanager
def evening_at(breakable: Breakable) -> Iterator[Evening]:
    """Give somebody whose rules Redis holds, in a service that has forgotten all earlier faults."""
    with closing(Client(breakable.deployment.base_url)) as client:
        found = Evening(breakable, client)
        eventually(partial(is_calm, breakable))
        eventually(partial(succeeds, found, "POST", "/v1/me/keyword-filters", {"terms": ["pineapple"]}))
        eventually(partial(blocks, found, "troll"))
        eventually_told(found, found.token, EXACT, degraded=False)
        eventually(partial(is_held_by_redis, found))
        yield found


@pytest.fixture
def evening(healthy: Breakable) -> Iterator[Evening]:
    """An evening with the service as it is."""
    with evening_at(healthy) as found:
        yield found


def is_calm(breakable: Breakable) -> bool:
    """Tell whether every worker reaches both servers; a new connection may lead to another one.

    The gauges count what the broken variant leaves alone too, and that tries again only when it is asked.
    """
    deployment = breakable.deployment
    try:
        for path in ("", BROKEN):
            with closing(Client(deployment.state.base_url + path)) as client:
                visitor = Evening(breakable, client)
                visitor.feed()
                visitor.block("somebody")
                if client.call("GET", "/readyz").json()["status"] != "ok":
                    return False
        return [deployment.metric(f"{server}_breaker_open") for server in ("redis", "store")] == [0, 0]
    except OSError:
        return False


def succeeds(evening: Evening, method: str, path: str, body: Any = None) -> bool:
    """Tell whether an edit is kept; if not, it has to be refused as it should be."""
    reply = evening.edit(method, path, body)
    assert reply.status in {200, 201} or is_refused(reply), reply.body
    return reply.status < 300


def blocks(evening: Evening, name: str) -> bool:
    """Tell whether her block of somebody is kept."""
    return succeeds(evening, "PUT", f"/v1/me/blocks/{name}")


def entry_of(evening: Evening) -> bytes | None:
    """Return what Redis holds about her."""
    with redis.Redis.from_url(evening.breakable.redis_url) as client:
        entry = client.get(key_of(Kind.RULES, evening.name))
    assert entry is None or isinstance(entry, bytes)
    return entry


def put_entry(evening: Evening, entry: bytes) -> None:
    """Have Redis hold something about her, past the service and whatever is broken."""
    with redis.Redis.from_url(evening.breakable.redis_url) as client:
        client.set(key_of(Kind.RULES, evening.name), entry)


def is_held_by_redis(evening: Evening) -> bool:
    """Tell whether Redis holds her rules as they stand, after asking for them; what is as new retires them no more."""
    evening.feed(evening.token)
    entry = entry_of(evening)
    rules = decode_rules(entry, evening.name) if entry else None
    return rules is not None and "troll" in rules.blocks


def eventually_told(
    evening: Evening, token: str | None, wanted: dict[str, str], *, degraded: bool, viewer: str = ""
) -> Any:
    """Wait for an answer with these outcomes, and return it; nothing may be kept on the way that is not in them.

    On a busy machine Redis takes more than its 50 ms now and then, or PostgreSQL more than its 250, and is left
    alone for a while: what is promised then is no answer or one that says so.
    """
    told: list[Any] = []

    def is_told() -> bool:
        reply = evening.feed(token, viewer)
        if is_refused(reply):
            return False
        assert kept(reply) <= {each for each, outcome in wanted.items() if outcome == "keep"}
        told.append(reply.json())
        return outcomes(reply) == wanted and told[-1]["degraded"] is degraded

    eventually(is_told)
    return told[-1]


def comment_is_refused(evening: Evening, token: str | None) -> bool:
    """Tell whether the troll may not comment; if nobody can tell, the caller has to be asked to come again."""
    reply = evening.comments(token)
    return not is_refused(reply) and outcomes(reply) == {"c": "refuse"}


def nobody_notices(evening: Evening, fault: Callable[[], None]) -> bool:
    """Break Redis while all is calm; tell whether the very next answers are as if nothing had happened.

    PostgreSQL, which gives them then, has 250 ms for each, and a busy machine may need more.
    """
    evening.breakable.redis.heal()
    eventually(partial(is_calm, evening.breakable))
    fault()
    feeds = [evening.feed(token) for token in (None, evening.token)]
    return all(
        reply.status == 200 and outcomes(reply) == EXACT and not reply.json()["degraded"] for reply in feeds
    ) and all(comment_is_refused(evening, token) for token in (None, evening.token))


@pytest.mark.parametrize("fault", [*DOWN, SLOW])
def test_without_redis_everything_is_exact_and_blocks_are_kept(evening: Evening, fault: Fault) -> None:
    eventually(partial(nobody_notices, evening, partial(fault, evening.breakable.redis)))

    eventually(partial(blocks, evening, "new-troll"))
    for token in (evening.token, None):
        eventually_told(evening, token, EXACT | {"new-troll": "hide"}, degraded=False)

    evening.breakable.redis.heal()
    eventually_told(evening, evening.token, EXACT | {"new-troll": "hide"}, degraded=False)


def test_connections_to_redis_that_are_cut_cost_nobody_an_answer(evening: Evening) -> None:
    for _ in range(5):
        eventually(partial(nobody_notices, evening, evening.breakable.redis.cut))


@pytest.mark.parametrize("fault", DOWN)
def test_without_postgresql_the_cache_decides_and_says_so(evening: Evening, fault: Fault) -> None:
    before = evening.breakable.deployment.metric("feed_degraded_total", how="cached")
    fault(evening.breakable.postgres)
    eventually(lambda: is_refused(evening.block("new-troll")))

    for token in (None, evening.token):
        eventually_told(evening, token, EXACT, degraded=True)
        eventually(partial(comment_is_refused, evening, token))
    assert is_refused(evening.edit("GET", "/v1/me/settings"))
    assert is_refused(evening.edit("DELETE", "/v1/me/blocks/troll"))
    assert evening.client.call("GET", "/readyz").status == 503
    assert evening.breakable.deployment.metric("feed_degraded_total", how="cached") > before

    evening.breakable.postgres.heal()
    eventually(partial(blocks, evening, "new-troll"))
    eventually_told(evening, evening.token, EXACT | {"new-troll": "hide"}, degraded=False)


def test_a_token_that_the_cache_cannot_meet_keeps_nothing(evening: Evening) -> None:
    """Whether Redis still holds what she chose before is left open: retiring it may have reached Redis after all."""
    evening.breakable.redis.refuse()
    eventually(partial(blocks, evening, "new-troll"))
    evening.breakable.postgres.refuse()
    evening.breakable.redis.heal()
    eventually(lambda: is_refused(evening.block("somebody")))

    def is_decided() -> bool:
        reply = evening.feed(evening.token)
        assert is_refused(reply) or not kept(reply)
        return not is_refused(reply)

    eventually(is_decided)
    for _ in range(10):
        told = evening.feed(evening.token)
        assert is_refused(told) or (told.json()["kept"], told.json()["degraded"]) == (0, True)
        assert is_refused(evening.comments(evening.token))


def what_an_unmet_token_gets(evening: Evening) -> dict[str, str]:
    """Return what her token gets where it promises a block that Redis does not know of, and PostgreSQL is away."""
    before = entry_of(evening)
    assert before
    eventually(partial(blocks, evening, "new-troll"))
    evening.breakable.postgres.refuse()
    eventually(lambda: is_refused(evening.block("somebody")))
    told: list[dict[str, str]] = []

    def is_told() -> bool:
        put_entry(evening, before)  # again and again: the relay may be about to retire it
        reply = evening.feed(evening.token)
        told.extend([outcomes(reply)] if reply.status == 200 else [])
        return bool(told) and "hide" in told[-1].values()

    eventually(is_told)
    return told[-1]


def test_a_token_newer_than_the_cache_hides_what_was_hidden_and_keeps_nothing(evening: Evening) -> None:
    told = what_an_unmet_token_gets(evening)

    assert told == {each: "unverified" if EXACT[each] == "keep" else "hide" for each in EXACT}


def test_a_service_that_ignores_tokens_is_caught_keeping(healthy: Breakable) -> None:
    deployment = replace(healthy.deployment, path=BROKEN)
    broken = replace(healthy, deployment=deployment, redis_url=elsewhere(healthy.redis_url))

    with evening_at(broken) as evening:
        told = what_an_unmet_token_gets(evening)

    assert told["new-troll"] == "keep"


def test_without_postgresql_and_an_entry_nothing_is_kept(evening: Evening) -> None:
    cold = f"{evening.name}-cold"
    evening.breakable.postgres.refuse()
    eventually(lambda: is_refused(evening.block("somebody")))

    told = eventually_told(evening, None, dict.fromkeys(EXACT, "unverified"), degraded=True, viewer=cold)

    assert (told["kept"], told["fetch_more"]) == (0, 4)
    assert is_refused(evening.comments(owner=cold))


@pytest.mark.parametrize("fault", DOWN)
def test_without_both_everybody_is_asked_to_come_again(evening: Evening, fault: Fault) -> None:
    fault(evening.breakable.redis)
    fault(evening.breakable.postgres)
    eventually(lambda: is_refused(evening.feed()))

    for _ in range(3):
        assert is_refused(evening.feed())
        assert is_refused(evening.feed(evening.token))
        assert is_refused(evening.comments())
        assert is_refused(evening.block("troll"))

    evening.breakable.redis.heal()
    evening.breakable.postgres.heal()
    eventually(partial(blocks, evening, "new-troll"))
    eventually_told(evening, evening.token, EXACT | {"new-troll": "hide"}, degraded=False)


@pytest.mark.parametrize("entry", [b"", b"\x00", b"garbage" * 50, None])
def test_an_entry_that_cannot_be_believed_is_a_miss(evening: Evening, entry: bytes | None) -> None:
    rejected = evening.breakable.deployment.metric("rules_cache_rejected_total")
    put_entry(evening, somebody_elses_entry(evening) if entry is None else entry)

    def is_noticed() -> bool:
        eventually_told(evening, None, EXACT, degraded=False)
        return evening.breakable.deployment.metric("rules_cache_rejected_total") > rejected

    eventually(is_noticed)


def somebody_elses_entry(evening: Evening) -> bytes:
    """Return what Redis holds about another viewer."""
    other = replace(evening, name=f"{evening.name}-other")
    eventually(lambda: other.feed().status == 200 and entry_of(other) is not None)
    entry = entry_of(other)
    assert entry
    return entry
