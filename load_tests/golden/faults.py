"""The service with faults that a call asks for: what a leak is made of, for one request and no other.

There is no relay beside it, which would heal within a second what is broken here on purpose.
"""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import msgspec
from flask import Flask, has_request_context, request

from service.api.parts import EXTENSION, ApiParts
from service.app import Servers, create_app
from service.cache import tallies
from service.cache.client import ForgivingRedis, make_client
from service.cache.rules import RedisRules
from service.cache.rules_watch import RulesWatch
from service.config import Config, read_config
from service.domain.comment_counts import CheckedRequest
from service.domain.consistency import Version
from service.domain.decisions import ReadyRules
from service.domain.feed_counts import DecidedRequest
from service.domain.people import UserId
from service.local.clock import now_or_then
from service.store.settings import PostgresSettings
from service.usecases.ports import Tallies

WITH_FAULTS: Final = "load_tests.golden.faults:served_with_faults()"
HEADER: Final = "Planted-Fault"
NO_FAULT: Final[Mapping[str, str]] = {}
DEAF_CACHE: Final = {HEADER: "deaf-cache"}
SILENT_STORE: Final = {HEADER: "silent-store"}
BLIND_MATCHER: Final = {HEADER: "blind-matcher"}
SLOW_LOOK: Final = {HEADER: "slow-look"}
SLOW_BY_SECONDS: Final = 5.0
"""An edit that is made right after a page was asked about has been kept by then, also on a busy machine."""
QUEUED: Final = 20_000
"""Calls come as fast as they are answered and whoever counts them gets no rest: nothing is dropped for want of room."""


class FaultyRules(RedisRules):
    """The rules cache, which does not hear of an edit, or forgets whom somebody blocked."""

    def get(self, user_id: UserId) -> ReadyRules | None:
        """Return the rules that are kept, or what a matcher that sees nothing makes of them."""
        found = super().get(user_id)
        if found and _planted(BLIND_MATCHER):
            return ReadyRules(msgspec.structs.replace(found.rules, blocks={}))
        return found

    def retire(self, user_id: UserId, version: Version) -> None:
        """Drop older rules, unless nobody tells the cache."""
        if not _planted(DEAF_CACHE):
            super().retire(user_id, version)


class FaultySettings(PostgresSettings):
    """The settings, which may seem not to answer."""

    @property
    def is_doubtful(self) -> bool:
        """Whether the store has failed of late."""
        return _planted(SILENT_STORE) or super().is_doubtful


class SlowTallies:
    """What counts requests and looks at them again, some time later where a call asks for that."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies

    def count(self, request: DecidedRequest | CheckedRequest) -> None:
        """Have a request counted."""
        if _planted(SLOW_LOOK):
            threading.Timer(SLOW_BY_SECONDS, self._tallies.count, (request,)).start()
        else:
            self._tallies.count(request)


def served_with_faults() -> Flask:
    """Return the service as it is configured, with faults and a movable clock, for gunicorn."""
    tallies.QUEUED = QUEUED  # type: ignore[misc]  # final for the service
    config = read_config()
    app = with_faults(create_app(config, clock=now_or_then), config)
    parts: ApiParts = app.extensions[EXTENSION]
    stories = replace(parts.stories, tallies=SlowTallies(parts.stories.tallies))
    app.extensions[EXTENSION] = replace(parts, stories=stories)
    return app


def with_faults(app: Flask, config: Config) -> Flask:
    """Put faults into what edits and feeds go by; whatever looks a second time has none."""
    parts: ApiParts = app.extensions[EXTENSION]
    servers: Servers = app.extensions["servers"]
    client = make_client(config.redis_url)
    rules = FaultyRules(ForgivingRedis(client), watch=RulesWatch(client))
    settings = FaultySettings(servers.engine, epochs=servers.epochs)
    stories = replace(parts.stories, rules=rules, settings=settings)
    app.extensions[EXTENSION] = replace(parts, stories=stories)
    return app


def _planted(fault: Mapping[str, str]) -> bool:
    return has_request_context() and request.headers.get(HEADER) == fault[HEADER]
