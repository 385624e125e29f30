"""Puts the service together: the only file that knows every part."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from flask import Flask
from sqlalchemy import Engine

from service.api import (
    allowances,
    auth,
    contract,
    errors,
    idempotency,
    observing,
    paths,
    requests,
    shedding,
    travelling,
)
from service.api.allow_phrases import allow_phrases
from service.api.blocks import blocks
from service.api.bookmarks import Bookmarks
from service.api.changes import changes
from service.api.comment_limits import comment_limits, post_limits
from service.api.comments import comments
from service.api.consistency import ConsistencyTokens
from service.api.docs import DOCUMENT, docs
from service.api.erasure import erasure
from service.api.events import events
from service.api.exports import exports
from service.api.feed import feed
from service.api.health import health
from service.api.held_comments import held_comments
from service.api.insight_pages import insight_pages
from service.api.insights import insights
from service.api.json import OrjsonProvider
from service.api.jwks import JwksFile, JwksUrl, Keys
from service.api.keyword_filters import keyword_filters
from service.api.mutes import mutes
from service.api.not_interested import not_interested
from service.api.pages.look import look
from service.api.parts import EXTENSION, ApiParts
from service.api.settings import settings
from service.api.sign_in import sign_in
from service.api.staff_reads import staff_reads
from service.api.topic_preferences import topic_preferences
from service.breaker import Breaker
from service.cache.allowances import RedisAllowances
from service.cache.client import ForgivingRedis, make_client
from service.cache.rules import RedisRules
from service.cache.rules_watch import RulesWatch
from service.cache.tallies import SENT_WITHIN_SECONDS, RedisTallies
from service.config import Config, Misconfigured
from service.domain.feed_counts import DecidedRequest
from service.store.analyst_reads import PostgresReads
from service.store.engine import is_answering, make_engine
from service.store.events import PostgresEvents
from service.store.held_comments import PostgresComments
from service.store.insights import PostgresInsights
from service.store.mining import PostgresMining
from service.store.outbox import measure_backlog
from service.store.pseudonyms import Epochs
from service.store.settings import PostgresSettings
from service.telemetry import logs, metrics
from service.usecases.accept_events import look_again_at
from service.usecases.insight_ports import InsightParts
from service.usecases.ports import Parts

ROOMS: Final = (
    settings,
    changes,
    keyword_filters,
    allow_phrases,
    blocks,
    mutes,
    not_interested,
    topic_preferences,
    comment_limits,
    post_limits,
    held_comments,
    exports,
    feed,
    events,
    comments,
    insights,
    erasure,
    staff_reads,
    health,
    docs,
    look,
    sign_in,
    insight_pages,
)
LARGEST_ANYTHING: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Servers:
    """Connections that belong to one process."""

    engine: Engine
    rules: RedisRules
    epochs: Epochs

    def after_fork(self) -> None:
        """Leave the connections of the parent process to the parent."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Hang up everywhere."""
        self.engine.dispose()
        self.rules.close()


def create_app(
    config: Config,
    *,
    also: Callable[[Flask], None] | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Flask:
    """Return the service as a WSGI application; nothing is connected before the first request needs it.

    ``also`` may add routes of its own, which stand behind the same door. ``clock`` tells the time that decisions
    and edits go by; tokens are judged by the time that it really is.
    """
    logs.configure_logs(level=config.log_level)
    breaker = Breaker(failures=1)
    client = make_client(config.redis_url)
    reached = ForgivingRedis(client)
    engine = make_engine(
        config.database_url,
        breaker=breaker,
        pool_size=config.threads + 1,  # an edit may need a second one, to learn an epoch's secrets
        durable_only=config.durable_only,
    )
    rules = RedisRules(reached, watch=RulesWatch(client))
    servers = Servers(engine, rules, Epochs(engine, panel_per_million=config.panel_per_million))
    store = PostgresSettings(engine, breaker, epochs=servers.epochs)
    app = make_app(
        ApiParts(
            stories=counted(
                config,
                servers,
                Parts(
                    settings=store,
                    rules=servers.rules,
                    comments=PostgresComments(servers.engine),
                    allowances=RedisAllowances(reached, writes_per_minute=config.writes_per_minute),
                    now=clock or now,
                    new_id=new_id,
                    platform_accounts=config.platform_safety_accounts,
                ),
            ),
            figures=InsightParts(
                insights=PostgresInsights(servers.engine),
                mined=PostgresMining(servers.engine),
                reads=PostgresReads(servers.engine),
                now=now,
                new_id=new_id,
            ),
            tokens=ConsistencyTokens(config.consistency_key),
            bookmarks=Bookmarks(config.consistency_key),
            is_ready={"store": lambda: is_answering(servers.engine), "cache": servers.rules.is_answering},
            render_metrics=lambda: metrics_with_backlog(servers.engine),
            development=config.development,
        ),
        auth.Authenticator(
            keys_at(config), issuer=config.auth_issuer, audience=config.auth_audience, clock=now
        ),
        also=also,
    )
    app.extensions["servers"] = servers
    return app


def counted(config: Config, servers: Servers, parts: Parts) -> Parts:
    """Return the parts with what counts: events from edits and callers, tallies and second looks from feeds."""
    inbox = PostgresEvents(servers.engine, servers.epochs)

    def look(request: DecidedRequest) -> None:
        look_again_at(parts.settings, inbox, request, str(uuid4()), now())

    patient = make_client(config.redis_url, timeout_seconds=SENT_WITHIN_SECONDS)
    tallies = RedisTallies(ForgivingRedis(patient), servers.epochs.at, look=look)
    return replace(parts, events=inbox, tallies=tallies)


def metrics_with_backlog(engine: Engine) -> tuple[bytes, str]:
    """Return the metrics of this server's workers, and what waits in the outbox of all of them right now."""
    measure_backlog(engine)
    return metrics.metrics_page(), metrics.PAGE_TYPE


def describe() -> dict[str, Any]:
    """Return the contract of the API as an OpenAPI document; needs neither servers nor configuration."""
    return contract.register(Flask(__name__, static_folder=None), ROOMS)


def make_app(
    parts: ApiParts, authenticator: auth.Authenticator, *, also: Callable[[Flask], None] | None = None
) -> Flask:
    """Return the HTTP side of the service around parts of any kind."""
    app = observing.ObservedFlask(__name__, static_folder=None)
    app.json = OrjsonProvider(app)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_ANYTHING)
    app.extensions[EXTENSION] = parts
    paths.install(app)
    requests.install(app)
    observing.install(app)
    travelling.install(app)
    app.extensions[DOCUMENT] = contract.register(app, ROOMS)
    errors.install(app)
    if also:
        also(app)
    shedding.install(app)
    idempotency.install(app)
    auth.install(app, authenticator)
    allowances.install(app)
    return app


def keys_at(config: Config) -> Keys:
    """Return the identity provider's keys, from a URL or a file."""
    try:
        if "://" in config.auth_jwks:
            return JwksUrl(config.auth_jwks, development=config.development)
        return JwksFile(Path(config.auth_jwks))
    except (OSError, ValueError) as fault:
        raise Misconfigured(f"AUTH_JWKS is of no use: {fault}") from fault


def now() -> datetime:
    """Return the time that decisions go by."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """Return an id that nothing has yet."""
    return f"{prefix}_{secrets.token_urlsafe(12)}"
