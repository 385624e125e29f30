"""Mutes over HTTP."""

from typing import Any

import pytest

from tests.api.calling import Service

MUTES = "/v1/me/mutes"


@pytest.mark.parametrize("kind", ["user", "hashtag", "topic", "sound", "domain"])
def test_everything_that_can_be_muted_is_muted_the_same_way(kind: str) -> None:
    service = Service()

    first = service.call("PUT", f"{MUTES}/{kind}/x.example")
    again = service.call("PUT", f"{MUTES}/{kind}/x.example")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json()["type"] == kind
    assert again.get_json()["earlier"]["id"] == first.get_json()["id"]
    assert len(service.call("GET", MUTES).get_json()["items"]) == 1


def test_a_mute_of_a_person_may_be_of_some_things_only() -> None:
    kept = (
        Service()
        .call("PUT", f"{MUTES}/user/bob", json={"scopes": ["reposts", "live"], "expires_in": "1d"})
        .get_json()
    )

    assert (kept["scopes"], kept["expires_at"]) == (["reposts", "live"], "2026-11-23T12:00:00Z")


@pytest.mark.parametrize(
    ("target", "body", "wrong"),
    [
        ("planet/mars", {}, "type"),
        ("hashtag/x", {"scopes": ["posts"]}, "scopes"),
        ("hashtag/" + "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 128, {}, "id"),
        ("user/bob", {"scopes": []}, "scopes"),
        ("user/bob", {"scopes": ["thoughts"]}, "scopes"),
        ("user/bob", {"note": "a\nb"}, "note"),
        ("hashtag/%23", {}, "id"),
    ],
)
def test_what_cannot_be_muted_so_is_named(target: str, body: dict[str, Any], wrong: str) -> None:
    answer = Service().call("PUT", f"{MUTES}/{target}", json=body)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [wrong])


def test_nobody_mutes_themself() -> None:
    answer = Service().call("PUT", f"{MUTES}/user/alice")

    assert (answer.status_code, answer.get_json()["code"]) == (422, "cannot-target-yourself")


def test_a_hashtag_is_unmuted_however_it_is_written() -> None:
    service = Service()
    service.call("PUT", f"{MUTES}/hashtag/EldenRing")

    answer = service.call("DELETE", f"{MUTES}/hashtag/%23eldenring")

    assert answer.status_code == 204
    assert answer.headers["Consistency-Token"]
    assert service.call("GET", MUTES).get_json()["items"] == []


def test_unmuting_what_cannot_be_muted_is_refused() -> None:
    assert Service().call("DELETE", f"{MUTES}/planet/mars").status_code == 422
