"""An operator watches the service, and sees no person in what it says of itself."""

from flask import Flask

from tests.journeys.conftest import Person


def test_the_service_says_that_it_lives_and_can_serve(app: Flask) -> None:
    visitor = app.test_client()

    assert visitor.get("/healthz").get_json() == {"status": "ok"}
    assert visitor.get("/readyz").get_json() == {"status": "ok", "store": "ok", "cache": "ok"}


def test_requests_are_counted_by_route_and_never_by_person_or_word(app: Flask, mia: Person) -> None:
    mia.ask("PUT", "/v1/me/blocks/secret-name")
    mia.ask("POST", "/v1/me/keyword-filters", {"terms": ["secretword"]})

    metrics = app.test_client().get("/metrics").get_data(as_text=True)

    assert 'route="/v1/me/blocks/<target_id>"' in metrics
    assert not any(word in metrics for word in ("secret-name", "secretword", "mia"))


def test_every_answer_can_be_found_in_the_logs(app: Flask) -> None:
    answer = app.test_client().get("/nowhere", headers={"X-Request-ID": "from-the-edge-1"})

    assert answer.headers["X-Request-ID"] == "from-the-edge-1"
