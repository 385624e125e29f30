"""Commands of ./dev that are another program's: this process becomes that program, signals and all."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from service.local.compiling import compile_if_possible
from service.local.state import PROJECT

MOST_PROCESSES = 4  # more than a test run of this size can feed
SETTINGS_OF_A_SERVICE = ("DATABASE_URL", "REDIS_URL", "PORT", "ENVIRONMENT", "CONSISTENCY_KEY")


def test(argv: Sequence[str]) -> NoReturn:
    """Run pytest: on every processor if no arguments say what to run, else as the arguments say.

    One process more than there are processors, because a fifth of the time a test waits for a server of its own. The
    longest tests come last, and whoever is done early takes over some of them.
    """
    for name in SETTINGS_OF_A_SERVICE:
        os.environ.pop(name, None)  # tests have servers and settings of their own
    processes = min((os.cpu_count() or 1) + 1, MOST_PROCESSES)
    compile_if_possible()  # tests of the quick sieve say so themselves where there is none
    become("pytest", *(argv or ["--numprocesses", str(processes), "--dist", "worksteal"]))


def openapi(argv: Sequence[str]) -> NoReturn:
    """Write the contract of the API to where it is committed, or as the arguments say."""
    become("service.cli", "openapi", *(argv or ["--output", "openapi/openapi.yaml"]))


def become(module: str, *arguments: str) -> NoReturn:
    """Replace this process by `python -m` a module, in the project's folder."""
    os.chdir(PROJECT)
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])
