"""AB-02 over HTTP: which calls spend, and what is said when nothing is left."""

from datetime import timedelta
from typing import Any

import pytest

from service.domain.allowances import Spending
from tests.api.calling import Service


@pytest.mark.parametrize(
    ("method", "path", "body", "spending"),
    [
        ("PUT", "/v1/me/blocks/bob", {}, Spending.BLOCKS),
        ("DELETE", "/v1/me/blocks/bob", None, Spending.BLOCKS),
        ("PUT", "/v1/me/blocks/batch", {}, Spending.BLOCKS),
        ("POST", "/v1/me/blocks/batch", {"add": [{"user_id": "bob"}]}, Spending.BATCHES),
        ("POST", "/v1/me/import", {}, Spending.BATCHES),
        ("PUT", "/v1/me/mutes/topic/tea", {}, Spending.WRITES),
        ("PUT", "/v1/me/mutes/topic/preview", {}, Spending.WRITES),
        ("POST", "/v1/me/keyword-filters", {"terms": ["a"]}, Spending.WRITES),
        ("PATCH", "/v1/me/comment-limits", {}, Spending.WRITES),
        (
            "POST",
            "/v1/me/keyword-filters/preview",
            {"filter": {"terms": ["ab"]}, "posts": []},
            Spending.PREVIEWS,
        ),
    ],
)
def test_AB_02_every_edit_spends_from_its_own_allowance(  # noqa: N802
    method: str, path: str, body: Any, spending: Spending
) -> None:
    service = Service()

    service.call(method, path, **({} if body is None else {"json": body}))

    assert service.allowances.spent == [("alice", spending)]


def test_readings_and_decisions_spend_nothing() -> None:
    service = Service()
    service.call("GET", "/v1/me/settings")
    service.call("GET", "/v1/me/changes")
    service.call(
        "POST",
        "/v1/feed/filter",
        scope="feed:filter",
        json={"viewer_id": "alice", "surface": "live", "candidates": []},
    )

    assert service.allowances.spent == []


def test_AB_02_beyond_its_allowance_an_edit_is_refused_with_the_limit_and_the_time_to_wait() -> None:  # noqa: N802
    service = Service()
    service.allowances.used_up = {Spending.WRITES: timedelta(seconds=2.1)}

    refused = service.call("PUT", "/v1/me/mutes/topic/tea")

    told = refused.get_json()
    assert (refused.status_code, told["code"], told["limit"], told["current"]) == (
        429,
        "too-often",
        60,
        61,
    )
    assert refused.headers["Retry-After"] == "3"
    assert service.call("GET", "/v1/me/mutes").get_json()["items"] == []


def test_somebody_who_used_up_all_other_writes_can_still_block() -> None:
    service = Service()
    service.allowances.used_up = {
        each: timedelta(minutes=1) for each in (Spending.WRITES, Spending.BATCHES, Spending.PREVIEWS)
    }

    assert service.call("PUT", "/v1/me/blocks/bob").status_code == 201


def test_a_refusal_for_haste_is_not_remembered_under_a_key() -> None:
    service = Service()
    keyed = {"Idempotency-Key": "k"}
    service.allowances.used_up = {Spending.WRITES: timedelta(seconds=1)}
    hasty = service.call("PUT", "/v1/me/mutes/topic/tea", headers=keyed)
    service.allowances.used_up = {}

    assert (hasty.status_code, service.call("PUT", "/v1/me/mutes/topic/tea", headers=keyed).status_code) == (
        429,
        201,
    )


def test_strangers_are_turned_away_before_anything_is_counted() -> None:
    service = Service()

    assert service.call("PUT", "/v1/me/mutes/topic/tea", scope=None).status_code == 401
    assert service.allowances.spent == []
