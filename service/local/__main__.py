"""What `./dev` can do: one table of commands."""

import errno
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.local.errors import CannotRun

_NO_PLACE: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.ENOTDIR})
"""What a folder that cannot be written to says."""


@dataclass(frozen=True, slots=True)
class Command:
    """One word after ./dev: what it does, and the function that takes the words behind it."""

    summary: str
    function: str


COMMANDS = {
    "run": Command("start everything and serve until Ctrl-C (also without a word)", "running:main"),
    "test": Command("run the tests on throw-away servers; takes pytest's arguments", "programs:test"),
    "check": Command(
        "lint, format, types, floors, dependencies, migrations; takes names of these", "checking:main"
    ),
    "demo": Command(
        "play a story on the running service; --traffic plays weeks of a town, --candidates FILE filters your posts",
        "demo:main",
    ),
    "chaos": Command(
        "break something for a while: ./dev chaos redis-down 20; --help names the rest", "chaos:main"
    ),
    "token": Command("print an access token for the running service", "tokens:main"),
    "openapi": Command("write openapi/openapi.yaml from the code", "programs:openapi"),
}


def main(argv: Sequence[str]) -> int:
    """Run one command; give its exit status."""
    word, rest = (argv[0], argv[1:]) if argv else ("run", ())
    if word in {"help", "-h", "--help"}:
        print(usage())
        return 0
    if word not in COMMANDS:
        print(f"./dev has no command {word!r}.\n\n{usage()}", file=sys.stderr)
        return 2
    module, _, function = COMMANDS[word].function.partition(":")
    try:
        return int(getattr(importlib.import_module(f"service.local.{module}"), function)(rest))
    except CannotRun as obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    except OSError as obstacle:
        if obstacle.errno not in _NO_PLACE:
            raise
        print(f"./dev cannot write {obstacle.filename}: {obstacle.strerror}.", file=sys.stderr)
        return 1


def usage() -> str:
    """Say what ./dev can do."""
    lines = [f"  ./dev {word:<8} {command.summary}" for word, command in COMMANDS.items()]
    return "\n".join(
        [
            "The service on this machine, with a PostgreSQL and a Valkey of its own.",
            "",
            *lines,
            "",
            "PORT chooses another port, and with it another copy with its own data (8000).",
            "DATABASE_URL and REDIS_URL choose servers that run already.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
