"""The service with failpoints, and with its promise taken out: what a check must get right, and what it must catch.

A failpoint makes one request wait, or end its worker, at a place where it matters, so that a race is lost every time.
Whoever arms one says so in Redis, through ``Failpoints``; FAILPOINTS_URL where the service's own may be cut off.
"""

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import redis
from flask import Flask, Response, g, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from service.api.consistency import ConsistencyTokens
from service.api.parts import EXTENSION, ApiParts
from service.app import create_app
from service.cache.client import ForgivingRedis, make_client
from service.cache.keys import Kind, key_of
from service.cache.rules import RedisRules
from service.cache.rules_codec import encode_rules
from service.cache.rules_watch import RulesWatch
from service.config import Config, read_config
from service.domain.consistency import Version
from service.domain.decisions import ReadyRules
from service.domain.people import UserId
from service.usecases.ports import Lease

WITH_FAILPOINTS: Final = "load_tests.variants:with_failpoints()"
BROKEN: Final = "/broken"
BEFORE_FILLING: Final = "before-filling"
BEFORE_ANSWERING: Final = "before-answering"
WAITS_SECONDS: Final = 20
STUMBLES: Final = 0.2
STUMBLE_SECONDS: Final = 0.05


class Failpoints:
    """Both ends of the failpoints: a check arms one and lets it go on, the service comes by."""

    def __init__(self, redis_url: str) -> None:
        self._client = redis.Redis.from_url(redis_url, socket_timeout=2 * WAITS_SECONDS)

    def arm(self, place: str) -> None:
        """Let the next one who comes by stop there, and nobody after."""
        self._client.delete(f"failpoint:reached:{place}", f"failpoint:go:{place}")
        self._client.set(f"failpoint:armed:{place}", 1)

    def await_reached(self, place: str) -> None:
        """Wait until somebody stopped there."""
        if self._client.blpop([f"failpoint:reached:{place}"], timeout=WAITS_SECONDS) is None:
            raise TimeoutError(f"Nobody came by {place}.")

    def is_armed(self, place: str) -> bool:
        """Tell whether nobody has stopped there yet."""
        return bool(self._client.exists(f"failpoint:armed:{place}"))

    def disarm(self, place: str) -> None:
        """Let nobody stop there any more."""
        self._client.delete(f"failpoint:armed:{place}")

    def let_go(self, place: str) -> None:
        """Let whoever stopped there go on."""
        self._client.rpush(f"failpoint:go:{place}", 1)

    def is_mine(self, place: str) -> bool:
        """Tell whether this is the one who has to stop."""
        return bool(self._client.delete(f"failpoint:armed:{place}"))

    def pass_by(self, place: str) -> None:
        """Go on, now and then after a pause as a collector or a scheduler makes them, or stop until told otherwise."""
        if random.random() < STUMBLES:
            time.sleep(STUMBLE_SECONDS)
        if self.is_mine(place):
            self._client.rpush(f"failpoint:reached:{place}", 1)
            self._client.blpop([f"failpoint:go:{place}"], timeout=WAITS_SECONDS)

    def close(self) -> None:
        """Hang up."""
        self._client.close()


class SoundRules(RedisRules):
    """The rules cache as it is, with a failpoint between reading the store and filling."""

    def __init__(self, client: redis.Redis, failpoints: Failpoints) -> None:
        super().__init__(ForgivingRedis(client), watch=RulesWatch(client))
        self._failpoints = failpoints

    def put(self, ready: ReadyRules, lease: Lease) -> None:
        """Fill, as soon as one may."""
        self._failpoints.pass_by(BEFORE_FILLING)
        super().put(ready, lease)


class NaiveRules(RedisRules):
    """Cache-aside as it is commonly written: a reader that read before an edit may put the old rules back."""

    def __init__(self, client: redis.Redis, failpoints: Failpoints) -> None:
        super().__init__(ForgivingRedis(client))
        self._client, self._failpoints = client, failpoints

    def lease(self, user_id: UserId) -> Lease | None:
        """Let everybody fill."""
        del user_id
        return Lease("anybody's")

    def put(self, ready: ReadyRules, lease: Lease) -> None:
        """Keep rules in the place of whatever stands there."""
        del lease
        self._failpoints.pass_by(BEFORE_FILLING)
        with suppress(redis.RedisError):
            self._client.set(key_of(Kind.RULES, ready.rules.user_id), encode_rules(ready.rules))

    def retire(self, user_id: UserId, version: Version) -> None:
        """Remember whose rules to delete once the edit is kept."""
        del version
        g.setdefault("retired", []).append(user_id)

    def delete_retired(self, answer: Response) -> Response:
        """Delete what the edit of this request changed."""
        if keys := [key_of(Kind.RULES, user_id) for user_id in g.get("retired", ())]:
            with suppress(redis.RedisError):
                self._client.delete(*keys)
        return answer


class BlindTokens(ConsistencyTokens):
    """Takes every token and asks for nothing."""

    def version(self, user_id: UserId, token: str | None) -> Version | None:
        """Return no version."""
        del user_id, token
        return None


def with_failpoints() -> Flask:
    """Return the service as it is, with failpoints; its broken variant stands beneath ``/broken``."""
    config = read_config()
    made, failpoints = create_app(config), Failpoints(os.environ.get("FAILPOINTS_URL", config.redis_url))
    parts: ApiParts = made.extensions[EXTENSION]
    rules = SoundRules(make_client(config.redis_url), failpoints)
    made.extensions[EXTENSION] = replace(parts, stories=replace(parts.stories, rules=rules))
    add_crash(made, failpoints)
    beneath: Any = {BROKEN: broken(config, failpoints)}
    made.wsgi_app = DispatcherMiddleware(made.wsgi_app, beneath)  # type: ignore[method-assign]
    return made


def broken(config: Config, failpoints: Failpoints) -> Flask:
    """Return the service with a naive cache that no token is held against."""
    made = create_app(config)
    parts: ApiParts = made.extensions[EXTENSION]
    rules = NaiveRules(make_client(elsewhere(config.redis_url)), failpoints)
    stories = replace(parts.stories, rules=rules)
    made.extensions[EXTENSION] = replace(parts, stories=stories, tokens=BlindTokens(config.consistency_key))
    made.after_request(rules.delete_retired)
    return made


def elsewhere(redis_url: str) -> str:
    """Return another logical database of the same server, where no relay heals what the naive cache does."""
    server, _, number = redis_url.rpartition("/")
    return f"{server}/{int(number) + 16}"


def add_crash(app: Flask, failpoints: Failpoints) -> None:
    """Let a worker that comes by end between keeping an edit and answering it."""

    @app.after_request
    def end(answer: Response) -> Response:
        if request.method != "GET" and answer.status_code < 300 and failpoints.is_mine(BEFORE_ANSWERING):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
