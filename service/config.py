"""Process configuration, read once from the environment."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from service.domain.allowances import WRITES_PER_MINUTE

CONSISTENCY_KEY_BYTES: Final = 32
THREADS: Final = 4


LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
POSTGRES_SCHEMES: Final = ("postgresql", "postgres", "postgresql+psycopg")
REDIS_SCHEMES: Final = ("redis", "rediss", "unix")


class Misconfigured(SystemExit):
    """The environment lacks something or contradicts itself; the process ends with that sentence alone."""


@dataclass(frozen=True, slots=True)
class Config:
    """How this process reaches its servers and whom it trusts.

    ``auth_jwks`` is a file path or a URL. ``consistency_key`` seals consistency tokens; all processes of one
    deployment share it. ``platform_safety_accounts`` are ids of accounts whose notices nobody can block, mute or
    filter. ``development`` allows what production refuses: plain-http keys, the demo. ``panel_per_million``
    viewers of a million are measured in detail; it counts from the next 90 days on. ``durable_only``: a PostgreSQL
    that may lose what it confirmed is refused. ``threads`` are how many requests one process answers at once.
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
    threads: int = THREADS


def read_config(environ: Mapping[str, str] = os.environ) -> Config:
    """Return the configuration; raise Misconfigured naming what is missing or wrong."""
    environment = environ.get("ENVIRONMENT", "production")
    if environment not in {"production", "development"}:
        raise Misconfigured("ENVIRONMENT is production or development")
    return Config(
        database_url=_address(environ, "DATABASE_URL", POSTGRES_SCHEMES),
        redis_url=_address(environ, "REDIS_URL", REDIS_SCHEMES),
        auth_jwks=_required(environ, "AUTH_JWKS"),
        auth_issuer=_required(environ, "AUTH_ISSUER"),
        auth_audience=_required(environ, "AUTH_AUDIENCE"),
        consistency_key=_key(_required(environ, "CONSISTENCY_KEY")),
        platform_safety_accounts=_listed(environ.get("PLATFORM_SAFETY_ACCOUNTS", "")),
        development=environment == "development",
        writes_per_minute=whole_number(environ, "WRITES_PER_MINUTE", WRITES_PER_MINUTE),
        log_level=_log_level(environ.get("LOG_LEVEL") or "INFO"),
        panel_per_million=whole_number(environ, "PANEL_PER_MILLION", 10_000, least=0, most=1_000_000),
        durable_only=environment == "production",
        threads=whole_number(environ, "WEB_THREADS", THREADS),
    )


def whole_number(
    environ: Mapping[str, str], name: str, default: int, *, least: int = 1, most: int = 1_000_000_000
) -> int:
    """Return a number from the environment; raise Misconfigured where it is none or beyond its bounds."""
    written = environ.get(name) or str(default)
    if not (written.isdecimal() and least <= int(written) <= most):
        raise Misconfigured(f"{name} is a whole number from {least} to {most}")
    return int(written)


def _required(environ: Mapping[str, str], name: str) -> str:
    """Return a value from the environment, or from the file that ``NAME_FILE`` points to, as secrets come."""
    if value := environ.get(name):
        return value
    if path := environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise Misconfigured(f"{name}_FILE names a file that cannot be read") from fault
    raise Misconfigured(f"{name} is not set")


def _address(environ: Mapping[str, str], name: str, schemes: Sequence[str]) -> str:
    """Return an address of a kind that we know; what is said of one never holds it, for it holds a password."""
    address = _required(environ, name)
    scheme, _, rest = address.partition("://")
    if scheme not in schemes:
        raise Misconfigured(f"{name} begins with {schemes[0]}://")
    try:
        _ = urlsplit(f"//{rest.rpartition('@')[2]}").port
    except ValueError as fault:
        raise Misconfigured(f"{name} names no server that there can be; its port is a number") from fault
    return address


def _log_level(written: str) -> str:
    if written.upper() not in LOG_LEVELS:
        raise Misconfigured(f"LOG_LEVEL is one of {', '.join(LOG_LEVELS)}")
    return written.upper()


def _listed(written: str) -> frozenset[str]:
    return frozenset(each.strip() for each in written.split(",") if each.strip())


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
