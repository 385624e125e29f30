"""Every metric is declared once, in service/telemetry/metrics.py."""

import ast
from collections import Counter
from collections.abc import Iterator

from tests.house.source import Module, module_of, modules, place

THE_ONE_PLACE = "service/telemetry/metrics.py"
KINDS = {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"}


def declared(module: Module) -> Iterator[tuple[str, str]]:
    """Find the metrics that a module declares: name and place."""
    ours = {
        name.asname or name.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("prometheus_client")
        for name in node.names
        if name.name in KINDS
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ours or called in {f"prometheus_client.{kind}" for kind in KINDS}:
                yield ast.unparse(node.args[0]).strip("'\""), place(module, node)


def test_metrics_are_declared_in_one_place_and_once() -> None:
    found = [each for module in modules("service") for each in declared(module)]
    times = Counter(name for name, _ in found)

    assert found
    assert {where.partition(":")[0] for _, where in found} == {THE_ONE_PLACE}
    assert [name for name, count in times.items() if count > 1] == []


def test_no_metric_is_labelled_with_somebody() -> None:
    [metrics] = [module for module in modules("service/telemetry") if module.path == THE_ONE_PLACE]
    labels = {
        str(label.value)
        for node in ast.walk(metrics.tree)
        if isinstance(node, ast.Call) and len(node.args) > 2 and isinstance(node.args[2], ast.List)
        for label in node.args[2].elts
        if isinstance(label, ast.Constant)
    }

    assert labels
    assert not labels & {"user", "user_id", "id", "path", "term", "subject"}


def test_a_metric_elsewhere_would_be_found() -> None:
    elsewhere = module_of(
        "from prometheus_client import Counter as C\nimport prometheus_client\n"
        "C('a_total', '')\nprometheus_client.Gauge('b', '')"
    )

    assert [name for name, _ in declared(elsewhere)] == ["a_total", "b"]
