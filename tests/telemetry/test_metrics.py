"""Metrics are counted by every worker and read as one."""

import os
import subprocess
import sys
from pathlib import Path

from service.telemetry.metrics import metrics_page

COUNT = "from service.telemetry import metrics; metrics.RULES_CACHE_LOOKUPS.labels('hit').inc()"
TELL = "from service.telemetry import metrics; print(metrics.metrics_page().decode())"


def run(folder: Path, program: str) -> str:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def test_workers_are_read_together(tmp_path: Path) -> None:
    run(tmp_path, COUNT)
    run(tmp_path, COUNT)

    assert 'rules_cache_lookups_total{result="hit"} 2.0' in run(tmp_path, TELL)


def test_one_process_answers_for_itself() -> None:
    assert b"rules_cache_lookups_total" in metrics_page()
