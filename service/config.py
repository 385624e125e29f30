"""Process configuration, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.domain.allowances import WRITES_PER_MINUTE

CONSISTENCY_KEY_BYTES: Final = 32


class Misconfigured(Exception):  # noqa: N818  reads as the statement it is
    """The environment lacks something or contradicts itself; the process does not start."""


@dataclass(frozen=True, slots=True)
class Config:
    """How this process reaches its servers and whom it trusts.

    ``auth_jwks`` is a file path or a URL. ``consistency_key`` seals consistency tokens; all processes of one
    deployment share it. ``platform_safety_accounts`` are ids of accounts whose notices nobody can block, mute or
    filter. ``development`` allows what production refuses: plain-http keys, the demo. ``panel_per_million``
    viewers of a million are measured in detail; it counts from the next 90 days on. ``durable_only``: a PostgreSQL
    that may lose what it confirmed is refused.
    """

    database_url: str
    redis_url: str
    auth_jwks: str
    auth_issuer: str
    auth_audience: str
    consistency_key: bytes
    platform_safety_accounts: frozenset[str] = frozenset()
    development: bool = False
    writes_per_minute: int = WRITES_PER_MINUTE
    log_level: str = "INFO"
    panel_per_million: int = 10_000
    durable_only: bool = False


def read_config(environ: Mapping[str, str] = os.environ) -> Config:
    """Return the configuration; raise Misconfigured naming what is missing or wrong."""
    environment = environ.get("ENVIRONMENT", "production")
    if environment not in {"production", "development"}:
        raise Misconfigured("ENVIRONMENT is production or development")
    return Config(
        database_url=_required(environ, "DATABASE_URL"),
        redis_url=_required(environ, "REDIS_URL"),
        auth_jwks=_required(environ, "AUTH_JWKS"),
        auth_issuer=_required(environ, "AUTH_ISSUER"),
        auth_audience=_required(environ, "AUTH_AUDIENCE"),
        consistency_key=_key(_required(environ, "CONSISTENCY_KEY")),
        platform_safety_accounts=_listed(environ.get("PLATFORM_SAFETY_ACCOUNTS", "")),
        development=environment == "development",
        writes_per_minute=_count(environ.get("WRITES_PER_MINUTE", str(WRITES_PER_MINUTE))),
        log_level=environ.get("LOG_LEVEL", "INFO").upper(),
        panel_per_million=_per_million(environ.get("PANEL_PER_MILLION", "10000")),
        durable_only=environment == "production",
    )


def _required(environ: Mapping[str, str], name: str) -> str:
    """Return a value from the environment, or from the file that ``NAME_FILE`` points to, as secrets come."""
    if value := environ.get(name):
        return value
    if path := environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    raise Misconfigured(f"{name} is not set")


def _per_million(written: str) -> int:
    if not written.isdecimal() or int(written) > 1_000_000:
        raise Misconfigured("PANEL_PER_MILLION is a whole number up to 1000000")
    return int(written)


def _listed(written: str) -> frozenset[str]:
    return frozenset(each.strip() for each in written.split(",") if each.strip())


def _count(written: str) -> int:
    if not written.isdecimal() or int(written) < 1:
        raise Misconfigured("WRITES_PER_MINUTE is a number of at least 1")
    return int(written)


def _key(written: str) -> bytes:
    try:
        key = bytes.fromhex(written)
    except ValueError:
        key = b""
    if len(key) != CONSISTENCY_KEY_BYTES or not any(key):
        raise Misconfigured(
            f"CONSISTENCY_KEY is {2 * CONSISTENCY_KEY_BYTES} hexadecimal digits of randomness"
        )
    return key
