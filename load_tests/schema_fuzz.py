"""Lets schemathesis loose on the running service: ``python -m load_tests.schema_fuzz [EXAMPLES]``.

All phases: the examples of the contract, the corners of every shape, generated calls, and calls that build on the
answers of others. No answer may be a 5xx or anything that the contract does not promise. EXAMPLES is how many calls are
generated for each operation; the 220 that it takes by itself make more than 20,000.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from load_tests.deployment import deployed, own_servers
from load_tests.schema_hooks import TOKENS
from service.api.auth import SCOPES
from service.local.keys import make_token
from service.local.state import PROJECT

EXAMPLES: Final = 220
USERS: Final = 500
PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")
_GENERATED: Final = re.compile(r"(\d+) generated")


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """How a run ended: how many calls it made, whether all went as promised, and what it said."""

    calls: int
    as_promised: bool
    told: str


def fuzz(
    base_url: str,
    tokens: Sequence[str],
    *,
    examples: int,
    phases: Sequence[str] = PHASES,
    options: Sequence[str] = (),
) -> Fuzzed:
    """Call a running service as different users with everything that the contract allows, and with what it forbids."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "tokens.json"
        kept.write_text(json.dumps(list(tokens)))
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={PROJECT / 'load_tests' / 'schemathesis.toml'}",
            "run",
            f"{base_url}/openapi.json",
            f"--phases={','.join(phases)}",
            f"--max-examples={examples}",
            "--continue-on-failure",
            "--suppress-health-check=all",
            *options,
        ]
        environment = os.environ | {TOKENS: str(kept), "PYTHONPATH": str(PROJECT)}
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    told = ended.stdout + ended.stderr
    found = _GENERATED.search(told)
    return Fuzzed(int(found[1]) if found else 0, ended.returncode == 0, told)


def everybody(state: Path, users: int) -> list[str]:
    """Return tokens of as many users, each of whom may call everything."""
    return [
        make_token(state, subject=f"fuzz-{number}", scopes=SCOPES, lifetime=timedelta(hours=6))
        for number in range(users)
    ]


def main(arguments: Sequence[str]) -> int:
    """Fuzz the service on servers of its own, print what was found, and tell whether it kept its promises."""
    examples = int(arguments[0]) if arguments else EXAMPLES
    with own_servers() as servers:
        folder = servers.folder / "state"
        folder.mkdir()
        with deployed(folder, servers.postgres.url(), servers.valkey.url()) as running:
            fuzzed = fuzz(running.base_url, everybody(folder, USERS), examples=examples)
            crashes = running.web.log.read_text().count('"request.crashed"')
    print(fuzzed.told)
    print(
        f"{fuzzed.calls:,} calls, {crashes} crashes, {'all' if fuzzed.as_promised else 'not all'} as promised"
    )
    return 0 if fuzzed.as_promised and not crashes else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
