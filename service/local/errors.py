"""What went wrong, for the person at the keyboard: one sentence, and the end of the log that says more."""

import os
from pathlib import Path
from typing import IO

TAIL_LINES = 25


class CannotRun(Exception):  # noqa: N818 - a refusal is a statement
    """What stands in the way, in a sentence for the person at the keyboard."""


class ServerDidNotStart(CannotRun):
    """A server ended, or never answered; carries the end of its log."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"{name} did not start. The end of {log}:\n{tail(log)}")


def tail(log: Path) -> str:
    """Give the last lines of a log, each indented."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
    except FileNotFoundError:
        lines = []
    return "\n".join(f"  {line}" for line in lines) or "  (nothing)"


def open_log(log: Path) -> IO[bytes]:
    """Open a log for a new start, empty and for our eyes only."""
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
