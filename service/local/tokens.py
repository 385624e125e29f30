"""``./dev token``: prints a token of development's own identity provider."""

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from service.api.auth import SCOPES
from service.local.keys import make_token
from service.local.state import chosen_port, folder_of

_LIFETIME = re.compile(r"([1-9][0-9]{0,3})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def main(argv: Sequence[str] | None = None) -> int:
    """Print a token, alone on its line, for ``./dev token``."""
    parser = _parser()
    wanted = parser.parse_args(argv)
    if not wanted.user and not wanted.scope:
        parser.error("a service needs at least one --scope")
    token = make_token(
        wanted.state,
        subject=wanted.user or wanted.service,
        scopes={*wanted.scope, *(["settings"] if wanted.user else [])},
        lifetime=wanted.lifetime,
    )
    sys.stdout.write(f"{token}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev token", description="Print an access token for local calls.")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument(
        "--user", metavar="ID", type=_subject, help="a person; the token may edit their settings"
    )
    who.add_argument("--service", metavar="NAME", type=_subject, help="a service; name what it may do")
    parser.add_argument(
        "--scope",
        action="append",
        default=[],
        choices=sorted(SCOPES),
        help="may be repeated; adds to a user's",
    )
    parser.add_argument("--lifetime", type=_lifetime, default="12h", metavar="12h", help="90s, 30m, 12h, 7d")
    parser.add_argument("--state", type=Path, default=folder_of(chosen_port()), help=argparse.SUPPRESS)
    return parser


def _subject(text: str) -> str:
    if not 1 <= len(text) <= 128 or not text.isprintable():
        raise argparse.ArgumentTypeError("1 to 128 printable characters")
    return text


def _lifetime(text: str) -> timedelta:
    parts = _LIFETIME.fullmatch(text)
    if parts is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 9999 and one of s, m, h, d")
    return timedelta(**{_UNITS[parts[2]]: int(parts[1])})
