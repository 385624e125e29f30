"""Whether the process lives, whether it can serve, and what it measures."""

from tests.api.calling import Service


def test_the_process_lives_whatever_else_does() -> None:
    service = Service()
    service.store_answers = False

    assert service.call("GET", "/healthz", scope=None).get_json() == {"status": "ok"}


def test_it_can_serve_while_the_store_answers() -> None:
    answer = Service().call("GET", "/readyz", scope=None)

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok", "store": "ok", "cache": "ok"})


def test_it_serves_without_the_cache() -> None:
    service = Service()
    service.cache_answers = False

    answer = service.call("GET", "/readyz", scope=None)

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok", "store": "ok", "cache": "down"})


def test_it_cannot_serve_without_the_store() -> None:
    service = Service()
    service.store_answers = False

    answer = service.call("GET", "/readyz", scope=None)

    assert (answer.status_code, answer.get_json()["status"]) == (503, "down")


def test_metrics_are_text_for_prometheus() -> None:
    answer = Service().call("GET", "/metrics", scope=None)

    assert (answer.mimetype, answer.text) == ("text/plain", "up 1\n")
