"""Schemathesis against the service as production runs it, for a few seconds; ``load_tests/schema_fuzz.py`` goes on."""

from pathlib import Path

import pytest

from load_tests.deployment import deployed
from load_tests.schema_fuzz import everybody, fuzz
from tests.servers import Addresses, create_worker_database

EXAMPLES = 5
CALLS = 20
SECONDS = (10, 20, 40)
"""Without the corners of every shape: those alone are 5,000 calls, and take a minute."""


@pytest.mark.timeout(300)  # a server and a second program start first, perhaps on a busy machine
def test_no_generated_call_breaks_the_service_or_its_contract(
    server_addresses: Addresses, worker_name: str, redis_url: str, tmp_path: Path
) -> None:
    database_url = create_worker_database(server_addresses, f"{worker_name}_fuzz")

    with deployed(tmp_path, database_url, redis_url, workers=1) as running:
        for seconds in SECONDS:  # on a busy machine few calls may be made, or PostgreSQL not answer in time
            fuzzed = fuzz(
                running.base_url,
                everybody(tmp_path, 30),
                examples=EXAMPLES,
                phases=("examples", "fuzzing", "stateful"),
                options=("--generation-database=none", f"--max-time={seconds}"),
            )
            dawdled = running.metric("http_request_seconds_count", status="503") > 0
            if fuzzed.calls > CALLS and (fuzzed.as_promised or not dawdled):
                break

    assert fuzzed.as_promised, fuzzed.told
    assert fuzzed.calls > CALLS
