"""Topic sliders, as apps move them."""

from typing import Any

import pytest

from tests.api.calling import Service
from tests.api.test_not_interested import decision_about


@pytest.mark.parametrize(
    ("level", "decision"),
    [
        (-2, {"outcome": "downrank", "multiplier": 0.1, "reasons": [{"code": "not_interested_topic"}]}),
        (-1, {"outcome": "downrank", "multiplier": 0.5, "reasons": [{"code": "not_interested_topic"}]}),
        (0, {"outcome": "keep"}),
        (1, {"outcome": "keep", "multiplier": 1.3}),
        (2, {"outcome": "keep", "multiplier": 1.6}),
    ],
)
def test_ni_10_a_slider_is_felt_in_the_feed(level: int, decision: dict[str, Any]) -> None:
    service = Service()

    put = service.call("PUT", "/v1/me/topic-preferences/pets", json={"level": level})

    assert put.status_code == 201
    assert decision_about(service, topics=["pets"]) == {"id": "other", **decision}
    assert decision_about(service, topics=["cars"]) == {"id": "other", "outcome": "keep"}


@pytest.mark.parametrize("body", [{}, {"level": 3}, {"level": "1"}, {"level": 1.5}, {"level": 1, "x": 1}])
def test_ni_10_a_slider_takes_nothing_but_its_positions(body: dict[str, Any]) -> None:
    assert Service().call("PUT", "/v1/me/topic-preferences/pets", json=body).status_code == 422


def test_ni_10_the_snapshot_and_the_list_tell_the_same_sliders() -> None:
    service = Service()
    service.call("PUT", "/v1/me/topic-preferences/pets", json={"level": 1})
    moved = service.call("PUT", "/v1/me/topic-preferences/pets", json={"level": 2}).get_json()

    earlier = moved.pop("earlier")
    assert (earlier["level"], moved["level"]) == (1, 2)
    assert service.call("GET", "/v1/me/topic-preferences").get_json() == {"items": [moved]}
    assert service.call("GET", "/v1/me/settings").get_json()["topic_preferences"] == [moved]
    assert service.call("DELETE", "/v1/me/topic-preferences/pets").status_code == 204
    assert service.call("GET", "/v1/me/topic-preferences").get_json() == {"items": []}
