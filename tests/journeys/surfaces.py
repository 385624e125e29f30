"""The service as all its surfaces show it, held against the oracle.

The machine edits, lets time pass, empties the cache and restarts workers; every surface must say what the oracle
says, through either of two workers, with the newest token or, from the worker that edited last, without one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

import redis
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from service.app import Servers, create_app
from service.cache.keys import Kind, key_of
from service.cache.warm_rules import WarmRules
from service.config import CONSISTENCY_KEY_BYTES, Config
from tests.api.identity import AUDIENCE, ISSUER, SteppedClock, a_key, a_key_set
from tests.journeys.conftest import Person
from tests.journeys.oracle import ENDS, PEOPLE, Oracle
from tests.servers import patient

WORDS: Final = ("pineapple", "glacier")
TAGS: Final = ("crypto", "diet")
POSTS: Final = [(author, word, tag) for author in PEOPLE for word in (*WORDS, "") for tag in (*TAGS, "")]
STEPS: Final = 50
NO_LIMIT: Final = 1_000_000
UNBLOCKS_ALLOWED: Final = 3
FRESH: Final = 8
"""Examples that Hypothesis makes up before it begins to vary those it has."""

people, words, tags = (st.sampled_from(names) for names in (PEOPLE, WORDS, TAGS))
ends = st.sampled_from(list(ENDS))
_examples: Final = count()

Happening = tuple[str, dict[str, Any]]
_happenings: Final[list[st.SearchStrategy[Happening]]] = []
Method = TypeVar("Method", bound=Callable[..., None])


def act(*, lots: int = 1, **arguments: st.SearchStrategy[Any]) -> Callable[[Method], Method]:
    """Let a method be one of the things that may happen next, drawn with so many lots."""

    def listed(method: Method) -> Method:
        for _ in range(lots):
            _happenings.append(st.tuples(st.just(method.__name__), st.fixed_dictionaries(arguments)))
        return method

    return listed


@dataclass(frozen=True)
class Town:
    """Two workers of the service on one PostgreSQL and one Redis, with a clock that is moved by hand."""

    workers: tuple[Flask, Flask]
    clock: SteppedClock
    redis: redis.Redis

    def restart(self, worker: Flask) -> None:
        """Let a worker forget what only it knows, and connect anew."""
        servers: Servers = worker.extensions["servers"]
        servers.rules._warm = WarmRules()
        servers.engine.dispose()


@contextmanager
def town(config: Config) -> Iterator[Town]:
    """Run two workers."""
    clock = SteppedClock()
    workers = create_app(config, clock=clock), create_app(config, clock=clock)
    with redis.Redis.from_url(config.redis_url) as client:
        yield Town(workers, clock, client)
    for worker in workers:
        worker.extensions["servers"].close()


def a_config(database_url: str, redis_url: str, folder: Path) -> Config:
    """Return what both workers run with; people may edit as fast as they can."""
    keys = folder / "jwks.json"
    keys.write_bytes(a_key_set(a_key()))
    return Config(
        database_url=database_url,
        redis_url=patient(redis_url),
        auth_jwks=str(keys),
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        consistency_key=bytes(range(CONSISTENCY_KEY_BYTES)),
        writes_per_minute=NO_LIMIT,
        log_level="WARNING",
    )


def play(machine: "type[Surfaces]", examples: int, *, begin_at: int) -> None:
    """Play so many examples of fifty steps, the same ones every time that they ``begin_at`` a number.

    From the tenth example on Hypothesis mostly repeats earlier ones with one step changed, so it begins anew before;
    the first of each time is the simplest there is, in which nothing happens, and does not count. What fails is not
    made smaller, which would take minutes.
    """
    for number in range(-(-examples // FRESH)):
        run_state_machine_as_test(
            seed(begin_at + number)(machine),
            settings=settings(
                max_examples=1 + min(FRESH, examples - number * FRESH),
                stateful_step_count=1 + STEPS,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )


class Surfaces(RuleBasedStateMachine):
    """Plays people and whoever asks about them; ``town`` is given by whoever runs it."""

    town: Town
    oracle_type: type[Oracle] = Oracle
    looks: ClassVar[Counter[str]] = Counter()

    @initialize()
    def begin(self) -> None:
        """Let new people walk in, at a time that the keys of earlier ones do not reach."""
        self.oracle = self.oracle_type()
        self.oracle.now = self.town.clock.now
        self.suffix = f"-{next(_examples)}"
        self.tokens: dict[str, str] = {}
        self.unblocks: Counter[tuple[str, str]] = Counter()
        self.filter_ids: dict[tuple[str, str], str] = {}
        self.noticed: dict[str, Flask] = {}
        self.held_by: defaultdict[str, set[str]] = defaultdict(set)
        self.comments = count()
        self.worker = self.town.workers[0]
        self.callers: dict[tuple[Flask, str], Person] = {}

    @act(lots=2, worker=st.integers(0, 1))
    def go_to_worker(self, worker: int) -> None:
        """Let another worker answer from now on."""
        self.worker = self.town.workers[worker]

    @act(lots=2)
    def flush(self) -> None:
        """Empty Redis."""
        self.town.redis.flushdb()

    @act(lots=2, name=people)
    def evict(self, name: str) -> None:
        """Lose one entry."""
        self.town.redis.delete(key_of(Kind.RULES, name + self.suffix))

    @act(worker=st.integers(0, 1))
    def restart(self, worker: int) -> None:
        """Start a worker anew."""
        self.town.restart(self.town.workers[worker])

    @act(lots=2, minutes=st.sampled_from([1, 59, 61, 1_441]))
    def wait(self, minutes: int) -> None:
        """Let time pass."""
        self.town.clock.step(minutes=minutes)
        self.oracle.now = self.town.clock.now

    @act(one=people, other=people, until=ends)
    def block(self, one: str, other: str, until: str) -> None:
        """Block somebody, or change how long."""
        if one != other:
            self._edit(one, "PUT", f"/v1/me/blocks/{other}{self.suffix}", {"expires_in": until})
            self.oracle.of[one].blocks[other] = self.oracle.end(until)
            self._feel(other)

    @act(one=people, other=people)
    def unblock(self, one: str, other: str) -> None:
        """Unblock somebody, as often as one may in a day."""
        blocks = self.oracle.of[one].blocks
        if other in blocks and self.unblocks[one, other] < UNBLOCKS_ALLOWED:
            self.unblocks[one, other] += 1
            self._edit(one, "DELETE", f"/v1/me/blocks/{other}{self.suffix}")
            del blocks[other]
            self._feel(other)

    @act(one=people, other=people, until=ends)
    def mute(self, one: str, other: str, until: str) -> None:
        """Mute somebody."""
        if one != other:
            self._edit(one, "PUT", f"/v1/me/mutes/user/{other}{self.suffix}", {"expires_in": until})
            self.oracle.of[one].muted_people[other] = self.oracle.end(until)

    @act(one=people, tag=tags, until=ends)
    def mute_tag(self, one: str, tag: str, until: str) -> None:
        """Mute a hashtag."""
        self._edit(one, "PUT", f"/v1/me/mutes/hashtag/{tag}", {"expires_in": until})
        self.oracle.of[one].muted_tags[tag] = self.oracle.end(until)

    @act(one=people, tag=tags)
    def unmute_tag(self, one: str, tag: str) -> None:
        """Hear of a hashtag again."""
        if tag in self.oracle.of[one].muted_tags:
            self._edit(one, "DELETE", f"/v1/me/mutes/hashtag/{tag}")
            del self.oracle.of[one].muted_tags[tag]

    @act(one=people, word=words, action=st.sampled_from(["hide", "warn"]), until=ends)
    def filter_word(self, one: str, word: str, action: str, until: str) -> None:
        """Filter a word."""
        if word not in self.oracle.of[one].filters:
            wanted = {"terms": [word], "action": action, "expires_in": until}
            made = self._edit(one, "POST", "/v1/me/keyword-filters", wanted)
            self.filter_ids[one, word] = made["id"]
            self.oracle.of[one].filters[word] = action, self.oracle.end(until)

    @act(one=people, word=words)
    def stop_filtering(self, one: str, word: str) -> None:
        """Filter a word no more."""
        if word in self.oracle.of[one].filters:
            self._edit(one, "DELETE", f"/v1/me/keyword-filters/{self.filter_ids[one, word]}")
            del self.oracle.of[one].filters[word]

    @act(one=people, audience=st.sampled_from(["everyone", "no_one"]), held=st.sets(words))
    def limit_comments(self, one: str, audience: str, held: set[str]) -> None:
        """Say who may comment, and which words wait."""
        if (self.oracle.of[one].audience, self.oracle.of[one].held_words) == (audience, frozenset(held)):
            return  # what changes nothing moves no revision
        wanted = {"who_can_comment": [audience], "keyword_terms": sorted(held)}
        self._edit(one, "PATCH", "/v1/me/comment-limits", wanted)
        self.oracle.of[one].audience, self.oracle.of[one].held_words = audience, frozenset(held)

    @act(lots=2, viewer=people)
    def look_at_feed(self, viewer: str) -> None:
        """Ask with the newest token what somebody sees of every kind of post."""
        self._require_feed(viewer, self.tokens.get(viewer))

    @act()
    def look_at_feeds_together(self) -> None:
        """Ask in one call, with everybody's newest token, what everybody sees."""
        pages = [self._page(viewer, self.tokens.get(viewer)) for viewer in PEOPLE]
        answer = self._asks("feed:filter").ask("POST", "/v1/feed/filter/batch", {"requests": pages})
        for viewer, result in zip(PEOPLE, answer["results"], strict=True):
            self._require_right(viewer, result)
        self.looks["batches"] += 1

    @act(lots=2, viewer=people)
    def look_without_a_token(self, viewer: str) -> None:
        """Ask the worker that knows of somebody's last change, as most callers do."""
        if viewer in self.noticed:
            self.worker = self.noticed[viewer]
            self._require_feed(viewer, None)

    @act(lots=2, owner=people, author=people, word=words)
    def comment(self, owner: str, author: str, word: str) -> None:
        """Ask what becomes of a comment."""
        body = {
            "post": {"id": "post", "owner_id": owner + self.suffix},
            "comments": [{"id": f"c{next(self.comments)}", "author_id": author + self.suffix, "text": word}],
            "consistency_token": self.tokens.get(owner),
        }
        answer = self._asks("comments:check").ask("POST", "/v1/comments/check", body)
        found, wanted = answer["decisions"][0]["outcome"], self.oracle.comment(owner, author, word)
        if wanted == "allow" and author in self.held_by[owner]:  # whose comments wait often, may wait again
            assert found in {"allow", "hold"}
        else:
            assert found == wanted, (owner, author, word)
        if found == "hold":
            self.held_by[owner].add(author)
            self.noticed.pop(owner, None)
        assert answer["revision"] == self.oracle.of[owner].edits
        self.looks["comments"] += 1

    @act(name=people)
    def read_settings(self, name: str) -> None:
        """Read somebody's settings."""
        found = self._person(name).ask("GET", "/v1/me/settings")
        limits = found["comment_limits"]
        assert self.oracle.settings(name) == (
            found["blocks"]["count"],
            found["mutes"]["count"],
            {each["terms"][0]: each["action"] for each in found["keyword_filters"]},
            sorted(limits["keyword_terms"]),
            limits["who_can_comment"] or ["everyone"],
            found["revision"],
        )
        self.looks["settings"] += 1

    @act(name=people)
    def export(self, name: str) -> None:
        """Take somebody's settings along."""
        found, mine = self._person(name).ask("GET", "/v1/me/export"), self.oracle.of[name]
        assert {each["user_id"].removesuffix(self.suffix) for each in found["blocks"]} == set(mine.blocks)
        assert len(found["mutes"]) == len(mine.muted_people) + len(mine.muted_tags)
        assert {each["terms"][0]: each["action"] for each in found["keyword_filters"]} == {
            word: action for word, (action, _) in mine.filters.items()
        }
        self.looks["export"] += 1

    @rule(happening=st.one_of(_happenings))
    def go_on(self, happening: Happening) -> None:
        """Let one thing happen.

        One rule for all: of several, Hypothesis leaves most out of most examples, and what nobody looks at is right.
        """
        name, arguments = happening
        getattr(self, name)(**arguments)

    def _require_feed(self, viewer: str, token: str | None) -> str:
        """Ask what somebody sees of every kind of post, and hold it against the oracle; return the new token."""
        answer = self._asks("feed:filter").ask("POST", "/v1/feed/filter", self._page(viewer, token))
        self._require_right(viewer, answer)
        return str(answer["consistency_token"])

    def _page(self, viewer: str, token: str | None) -> dict[str, object]:
        candidates = [
            {
                "id": f"{place}",
                "author_id": author + self.suffix,
                "caption": word,
                "hashtags": [tag] if tag else [],
            }
            for place, (author, word, tag) in enumerate(POSTS)
        ]
        return {
            "viewer_id": viewer + self.suffix,
            "surface": "for_you",
            "candidates": candidates,
            "consistency_token": token,
        }

    def _require_right(self, viewer: str, answer: Any) -> None:
        """Hold what somebody is told about a page against the oracle."""
        found = [each["outcome"] for each in answer["decisions"]]
        assert found == [self.oracle.feed(viewer, *post) for post in POSTS], (viewer, POSTS)
        assert (answer["revision"], answer["degraded"]) == (self.oracle.of[viewer].edits, False)
        self.looks["decisions"] += len(found)

    def _edit(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """Edit, carry the token on, and remember which worker knows without being told."""
        reply = self._person(name).call(method, path, body)
        assert reply.status_code < 300, reply.text
        self.tokens[name] = reply.headers["Consistency-Token"]
        self.oracle.of[name].edits += 1
        self.noticed[name] = self.worker
        return reply.get_json(silent=True)

    def _feel(self, name: str) -> None:
        """Look at the feed of somebody on the other side of a block, who holds no token of it."""
        self.noticed[name] = self.worker
        self.tokens[name] = self._require_feed(name, None)

    def _person(self, name: str) -> Person:
        return self._caller(name + self.suffix, "settings")

    def _asks(self, scope: str) -> Person:
        return self._caller("service", scope)

    def _caller(self, subject: str, scope: str) -> Person:
        """Return a caller of the worker at hand, whose token is made once: that takes longer than a feed."""
        asked = self.worker, subject + scope
        if asked not in self.callers:
            self.callers[asked] = Person(self.worker.test_client(), subject, scope)
        return self.callers[asked]
