"""Everybody's settings as an obvious oracle has them, and the service as all its surfaces show them.

The machine edits, lets time pass, empties the cache and restarts workers; every surface must say what the oracle
says, through either of two workers, with the newest token or, from the worker that edited last, without one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Final

import redis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from service.app import Servers, create_app
from service.cache.keys import Kind, key_of
from service.cache.warm_rules import WarmRules
from service.config import CONSISTENCY_KEY_BYTES, Config
from tests.api.identity import AUDIENCE, ISSUER, SteppedClock, a_key, a_key_set
from tests.journeys.conftest import Person
from tests.servers import patient

PEOPLE: Final = ("ann", "bob", "cat")
WORDS: Final = ("pineapple", "glacier")
TAGS: Final = ("crypto", "diet")
ENDS: Final = {"never": None, "1h": timedelta(hours=1), "1d": timedelta(days=1)}
STEPS: Final = 50
NO_LIMIT: Final = 1_000_000
UNBLOCKS_ALLOWED: Final = 3

people, words, tags = (st.sampled_from(names) for names in (PEOPLE, WORDS, TAGS))
ends = st.sampled_from(list(ENDS))
_examples: Final = count()


@dataclass
class Chosen:
    """What one person chose; each end is an instant, or None for never."""

    blocks: dict[str, datetime | None] = field(default_factory=dict)
    muted_people: dict[str, datetime | None] = field(default_factory=dict)
    muted_tags: dict[str, datetime | None] = field(default_factory=dict)
    filters: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    held_words: frozenset[str] = frozenset()
    audience: str | None = None
    edits: int = 0


class Oracle:
    """What everybody chose, and what follows from it."""

    def __init__(self) -> None:
        self.of: dict[str, Chosen] = {name: Chosen() for name in PEOPLE}
        self.now = SteppedClock().now

    def end(self, preset: str) -> datetime | None:
        """Return when something chosen now ends."""
        length = ENDS[preset]
        return None if length is None else self.now + length

    def is_live(self, things: dict[str, datetime | None], name: str) -> bool:
        """Tell whether something was chosen and has not ended."""
        return name in things and (things[name] is None or self.now < things[name])  # type: ignore[operator]

    def are_apart(self, one: str, other: str) -> bool:
        """Tell whether either blocked the other."""
        return self.is_live(self.of[one].blocks, other) or self.is_live(self.of[other].blocks, one)

    def feed(self, viewer: str, author: str, word: str, tag: str) -> str:
        """Return what a viewer sees of a post."""
        mine = self.of[viewer]
        if author == viewer:
            return "keep"
        gone = self.are_apart(viewer, author) or self.is_live(mine.muted_people, author)
        if gone or self.is_live(mine.muted_tags, tag):
            return "hide"
        action, until = mine.filters.get(word, ("keep", None))
        return action if until is None or self.now < until else "keep"

    def comment(self, owner: str, author: str, word: str) -> str:
        """Return what becomes of a comment."""
        if author == owner:
            return "allow"
        if self.are_apart(owner, author) or self.of[owner].audience == "no_one":
            return "refuse"
        return "hold" if word in self.of[owner].held_words else "allow"

    def settings(self, name: str) -> tuple[object, ...]:
        """Return what somebody reads of their own settings; what has ended stands there too."""
        mine = self.of[name]
        mutes = len(mine.muted_people) + len(mine.muted_tags)
        filters = {word: action for word, (action, _) in mine.filters.items()}
        return (
            len(mine.blocks),
            mutes,
            filters,
            sorted(mine.held_words),
            [mine.audience or "everyone"],
            mine.edits,
        )


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


def play(machine: "type[Surfaces]", examples: int, *, same_every_time: bool = True) -> None:
    """Play so many examples of fifty steps; what fails is not made smaller, which would take minutes."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=same_every_time,
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

    @rule(worker=st.integers(0, 1))
    def go_to_worker(self, worker: int) -> None:
        """Let another worker answer from now on."""
        self.worker = self.town.workers[worker]

    @rule()
    def flush(self) -> None:
        """Empty Redis."""
        self.town.redis.flushdb()

    @rule(name=people)
    def evict(self, name: str) -> None:
        """Lose one entry."""
        self.town.redis.delete(key_of(Kind.RULES, name + self.suffix))

    @rule(worker=st.integers(0, 1))
    def restart(self, worker: int) -> None:
        """Start a worker anew."""
        self.town.restart(self.town.workers[worker])

    @rule(minutes=st.sampled_from([1, 59, 61, 1_441]))
    def wait(self, minutes: int) -> None:
        """Let time pass."""
        self.town.clock.step(minutes=minutes)
        self.oracle.now = self.town.clock.now

    @rule(one=people, other=people, until=ends)
    def block(self, one: str, other: str, until: str) -> None:
        """Block somebody, or change how long."""
        if one != other:
            self._edit(one, "PUT", f"/v1/me/blocks/{other}{self.suffix}", {"expires_in": until})
            self.oracle.of[one].blocks[other] = self.oracle.end(until)
            self._feel(other)

    @rule(one=people, other=people)
    def unblock(self, one: str, other: str) -> None:
        """Unblock somebody, as often as one may in a day."""
        blocks = self.oracle.of[one].blocks
        if other in blocks and self.unblocks[one, other] < UNBLOCKS_ALLOWED:
            self.unblocks[one, other] += 1
            self._edit(one, "DELETE", f"/v1/me/blocks/{other}{self.suffix}")
            del blocks[other]
            self._feel(other)

    @rule(one=people, other=people, until=ends)
    def mute(self, one: str, other: str, until: str) -> None:
        """Mute somebody."""
        if one != other:
            self._edit(one, "PUT", f"/v1/me/mutes/user/{other}{self.suffix}", {"expires_in": until})
            self.oracle.of[one].muted_people[other] = self.oracle.end(until)

    @rule(one=people, tag=tags, until=ends)
    def mute_tag(self, one: str, tag: str, until: str) -> None:
        """Mute a hashtag."""
        self._edit(one, "PUT", f"/v1/me/mutes/hashtag/{tag}", {"expires_in": until})
        self.oracle.of[one].muted_tags[tag] = self.oracle.end(until)

    @rule(one=people, tag=tags)
    def unmute_tag(self, one: str, tag: str) -> None:
        """Hear of a hashtag again."""
        if tag in self.oracle.of[one].muted_tags:
            self._edit(one, "DELETE", f"/v1/me/mutes/hashtag/{tag}")
            del self.oracle.of[one].muted_tags[tag]

    @rule(one=people, word=words, action=st.sampled_from(["hide", "warn"]), until=ends)
    def filter_word(self, one: str, word: str, action: str, until: str) -> None:
        """Filter a word."""
        if word not in self.oracle.of[one].filters:
            wanted = {"terms": [word], "action": action, "expires_in": until}
            made = self._edit(one, "POST", "/v1/me/keyword-filters", wanted)
            self.filter_ids[one, word] = made["id"]
            self.oracle.of[one].filters[word] = action, self.oracle.end(until)

    @rule(one=people, word=words)
    def stop_filtering(self, one: str, word: str) -> None:
        """Filter a word no more."""
        if word in self.oracle.of[one].filters:
            self._edit(one, "DELETE", f"/v1/me/keyword-filters/{self.filter_ids[one, word]}")
            del self.oracle.of[one].filters[word]

    @rule(one=people, audience=st.sampled_from(["everyone", "no_one"]), held=st.sets(words))
    def limit_comments(self, one: str, audience: str, held: set[str]) -> None:
        """Say who may comment, and which words wait."""
        if (self.oracle.of[one].audience, self.oracle.of[one].held_words) == (audience, frozenset(held)):
            return  # what changes nothing moves no revision
        wanted = {"who_can_comment": [audience], "keyword_terms": sorted(held)}
        self._edit(one, "PATCH", "/v1/me/comment-limits", wanted)
        self.oracle.of[one].audience, self.oracle.of[one].held_words = audience, frozenset(held)

    @rule(viewer=people)
    def look_at_feed(self, viewer: str) -> None:
        """Ask with the newest token what somebody sees of every kind of post."""
        self._require_feed(viewer, self.tokens.get(viewer))

    @precondition(lambda self: self.noticed)
    @rule(data=st.data())
    def look_without_a_token(self, data: st.DataObject) -> None:
        """Ask the worker that knows of somebody's last change, as most callers do."""
        viewer = data.draw(st.sampled_from(sorted(self.noticed)))
        self.worker = self.noticed[viewer]
        self._require_feed(viewer, None)

    @rule(owner=people, author=people, word=words)
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

    @rule(name=people)
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

    @rule(name=people)
    def export(self, name: str) -> None:
        """Take somebody's settings along."""
        found, mine = self._person(name).ask("GET", "/v1/me/export"), self.oracle.of[name]
        assert {each["user_id"].removesuffix(self.suffix) for each in found["blocks"]} == set(mine.blocks)
        assert len(found["mutes"]) == len(mine.muted_people) + len(mine.muted_tags)
        assert {each["terms"][0]: each["action"] for each in found["keyword_filters"]} == {
            word: action for word, (action, _) in mine.filters.items()
        }
        self.looks["export"] += 1

    def _require_feed(self, viewer: str, token: str | None) -> str:
        """Ask what somebody sees of every kind of post, and hold it against the oracle; return the new token."""
        posts = [(author, word, tag) for author in PEOPLE for word in (*WORDS, "") for tag in (*TAGS, "")]
        candidates = [
            {
                "id": f"{place}",
                "author_id": author + self.suffix,
                "caption": word,
                "hashtags": [tag] if tag else [],
            }
            for place, (author, word, tag) in enumerate(posts)
        ]
        body = {"viewer_id": viewer + self.suffix, "surface": "for_you", "candidates": candidates}
        answer = self._asks("feed:filter").ask("POST", "/v1/feed/filter", body | {"consistency_token": token})
        found = [each["outcome"] for each in answer["decisions"]]
        assert found == [self.oracle.feed(viewer, *post) for post in posts], (viewer, posts)
        assert (answer["revision"], answer["degraded"]) == (self.oracle.of[viewer].edits, False)
        self.looks["decisions"] += len(found)
        return str(answer["consistency_token"])

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
        return Person(self.worker.test_client(), name + self.suffix, "settings")

    def _asks(self, scope: str) -> Person:
        return Person(self.worker.test_client(), "service", scope)
