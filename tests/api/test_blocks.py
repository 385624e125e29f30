"""Blocks over HTTP."""

from typing import Any

import pytest

from tests.api.calling import Service
from tests.api.identity import a_token, claims

BLOCKS = "/v1/me/blocks"
REPEATED = [f"{BLOCKS}/troll", "/v1/me/mutes/user/troll"]


def test_a_block_is_new_once_and_then_updated_in_place() -> None:
    service = Service()

    first = service.call("PUT", f"{BLOCKS}/bob", json={"note": "rude"})
    service.clock.step(hours=1)
    again = service.call("PUT", f"{BLOCKS}/bob", json={"note": "very rude"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json()["earlier"] is None
    assert again.get_json()["earlier"]["note"] == "rude"
    assert again.get_json()["created_at"] == first.get_json()["created_at"]


@pytest.mark.parametrize("request_", [{}, {"json": {}}, {"data": b"", "content_type": "application/json"}])
def test_a_block_needs_nothing_but_the_person(request_: dict[str, Any]) -> None:
    answer = Service().call("PUT", f"{BLOCKS}/bob", **request_)

    assert (answer.status_code, answer.get_json()["user_id"]) == (201, "bob")
    assert answer.headers["Consistency-Token"]


def test_an_answer_without_a_body_has_no_media_type() -> None:
    answer = Service().call("DELETE", f"{BLOCKS}/bob")

    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers


def test_nobody_blocks_themself() -> None:
    answer = Service().call("PUT", f"{BLOCKS}/alice")

    assert (answer.status_code, answer.get_json()["code"]) == (422, "cannot-target-yourself")


@pytest.mark.parametrize(
    "body",
    [{"note": "a\nb"}, {"note": 7}, {"expires_in": "2y"}, {"expires_at": "soon"}, {"user_id": "carol"}],
)
def test_a_member_that_cannot_be_used_is_named(body: dict[str, Any]) -> None:
    answer = Service().call("PUT", f"{BLOCKS}/bob", json=body)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, list(body))


def test_unblocking_says_the_same_whether_or_not_there_was_a_block() -> None:
    service = Service()
    service.call("PUT", f"{BLOCKS}/bob")

    was = service.call("DELETE", f"{BLOCKS}/bob")
    was_not = service.call("DELETE", f"{BLOCKS}/bob")

    assert (was.status_code, was.data) == (was_not.status_code, was_not.data) == (204, b"")


def test_a_list_holds_ones_own_blocks_only() -> None:
    service = Service()
    service.call("PUT", f"{BLOCKS}/bob")
    service.call("PUT", f"{BLOCKS}/alice", user="bob")

    assert [each["user_id"] for each in service.call("GET", BLOCKS).get_json()["items"]] == ["bob"]


def test_being_blocked_changes_nothing_that_one_can_read() -> None:
    service = Service()
    before = {path: service.call("GET", path, user="bob") for path in (BLOCKS, "/v1/me/settings")}

    service.call("PUT", f"{BLOCKS}/bob", user="alice")

    for path, earlier in before.items():
        later = service.call("GET", path, user="bob")
        assert (later.data, later.headers.get("ETag")) == (earlier.data, earlier.headers.get("ETag"))


def results_of(service: Service, **batch: Any) -> list[tuple[str | None, str, str | None]]:
    """Send a batch; return person, status and code of each result."""
    answer = service.call("POST", f"{BLOCKS}/batch", json=batch)
    assert answer.status_code == 200
    return [
        (each["user_id"], each["status"], each["refusal"] and each["refusal"]["code"])
        for each in answer.get_json()["results"]
    ]


def test_bm_08_a_batch_answers_every_person_in_their_place() -> None:
    service = Service()
    service.call("PUT", f"{BLOCKS}/old")

    assert results_of(
        service,
        add=[
            {"user_id": "new", "note": "spam"},
            {"user_id": "alice"},
            {"note": "whom?"},
            {"user_id": "x" * 129},
        ],
        remove=["old", "stranger", ""],
    ) == [
        ("new", "blocked", None),
        ("alice", "refused", "cannot-target-yourself"),
        (None, "refused", "invalid"),
        (None, "refused", "invalid"),
        ("old", "unblocked", None),
        ("stranger", "not_blocked", None),
        (None, "refused", "invalid"),
    ]
    [kept] = service.call("GET", BLOCKS).get_json()["items"]
    assert (kept["user_id"], kept["note"], kept["source"]) == ("new", "spam", "batch")


@pytest.mark.parametrize("batch", [{}, {"add": [], "remove": []}, {"remove": ["x"] * 101}, {"add": "x"}])
def test_bm_08_a_batch_has_1_to_100_people(batch: dict[str, Any]) -> None:
    assert Service().call("POST", f"{BLOCKS}/batch", json=batch).status_code == 422


def test_ab_02_a_fourth_unblock_within_a_day_answers_429_with_limit_and_time() -> None:
    service = Service()
    for _ in range(3):
        assert service.call("PUT", f"{BLOCKS}/troll").status_code == 201
        assert service.call("DELETE", f"{BLOCKS}/troll").status_code == 204
    assert service.call("PUT", f"{BLOCKS}/troll").status_code == 201

    answer = service.call("DELETE", f"{BLOCKS}/troll")

    body = answer.get_json()
    assert (answer.status_code, body["code"], body["limit"], body["current"]) == (429, "too-often", 3, 4)
    assert answer.headers["Retry-After"] == "86400"


@pytest.mark.parametrize("path", [f"{BLOCKS}/troll", "/v1/me/mutes/user/troll"])
def test_bm_05_lists_say_what_is_live(path: str) -> None:
    service = Service()
    made = service.call("PUT", path, json={"expires_in": "30m"}).get_json()
    assert made["is_live"] is True
    service.clock.step(minutes=30)

    [listed] = service.call("GET", path[: path.rindex("me/") + 3] + path.split("/")[3]).get_json()["items"]

    assert (listed["is_live"], listed["expires_at"]) == (False, made["expires_at"])


@pytest.mark.parametrize("path", [f"{BLOCKS}/troll", "/v1/me/mutes/user/troll"])
def test_bm_07_a_client_says_where_a_block_or_mute_came_from(path: str) -> None:
    service = Service()

    assert service.call("PUT", path).get_json()["source"] == "manual"
    assert service.call("PUT", path, json={"source": "comment"}).get_json()["source"] == "comment"
    for not_for_clients in ("guardian", "import", "nobody"):
        assert service.call("PUT", path, json={"source": not_for_clients}).status_code == 422


@pytest.mark.parametrize("path", REPEATED)
def test_bm_06_a_repeated_put_answers_with_the_earlier_state(path: str) -> None:
    service = Service()
    first = service.call("PUT", path, json={"note": "one"})
    second = service.call("PUT", path, json={"note": "two"})

    earlier = {name: value for name, value in first.get_json().items() if name != "earlier"}
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.get_json()["earlier"] == earlier
    assert service.call("DELETE", path).status_code == 204
    assert service.call("DELETE", path).status_code == 204


@pytest.mark.parametrize("path", REPEATED)
def test_sy_01_a_repeated_put_leaves_alone_what_it_does_not_name(path: str) -> None:
    service = Service()
    named: dict[str, Any] = {"note": "rude", "expires_in": "1d", "source": "comment"}
    named |= {"scopes": ["reposts"]} if "mutes" in path else {}
    first = service.call("PUT", path, json=named).get_json()

    again = service.call("PUT", path).get_json()

    moving = {"revision", "earlier"}
    assert {name: again[name] for name in again.keys() - moving} == {
        name: first[name] for name in first.keys() - moving
    }
    assert service.call("PUT", path, json={"expires_in": "never"}).get_json()["expires_at"] is None
    assert service.call("PUT", path, json={"note": None}).get_json()["note"] is None


@pytest.mark.parametrize("path", REPEATED)
def test_bm_05_what_is_over_holds_again_when_it_is_asked_for_again(path: str) -> None:
    service = Service()
    service.call("PUT", path, json={"note": "rude", "expires_in": "1h"})
    service.clock.step(hours=2)

    again = service.call("PUT", path).get_json()

    assert (again["is_live"], again["expires_at"], again["note"]) == (True, None, "rude")


def test_sy_01_a_batch_leaves_alone_what_it_does_not_name() -> None:
    service = Service()
    service.call("PUT", f"{BLOCKS}/troll", json={"note": "rude"})

    service.call("POST", f"{BLOCKS}/batch", json={"add": [{"user_id": "troll"}]})

    [kept] = service.call("GET", BLOCKS).get_json()["items"]
    assert (kept["note"], kept["source"]) == ("rude", "manual")


def as_a_ward(service: Service, method: str, path: str, body: Any) -> Any:
    """Call as somebody of whom the identity provider says that gran is their guardian."""
    token = a_token(claims(sub="kim", scope="settings", guardians=["gran"]))
    return service.call(method, path, scope=None, headers={"Authorization": f"Bearer {token}"}, json=body)


def test_bm_09_nobody_blocks_a_guardian_of_theirs_alone_in_a_batch_or_by_an_import() -> None:
    service = Service()

    alone = as_a_ward(service, "PUT", f"{BLOCKS}/gran", {})
    batch = as_a_ward(
        service, "POST", f"{BLOCKS}/batch", {"add": [{"user_id": "gran"}, {"user_id": "troll"}]}
    )
    brought = as_a_ward(
        service,
        "POST",
        "/v1/me/import?mode=merge",
        {"format": "safety-controls/1", "blocks": [{"user_id": "gran"}]},
    )

    assert (alone.status_code, alone.get_json()["code"]) == (422, "cannot-target-guardian")
    refused, blocked = batch.get_json()["results"]
    assert (refused["refusal"]["code"], blocked["status"]) == ("cannot-target-guardian", "blocked")
    assert [row["code"] for row in brought.get_json()["invalid"]] == ["cannot-target-guardian"]


def test_bm_09_others_may_block_somebodys_guardian() -> None:
    service = Service()

    assert service.call("PUT", f"{BLOCKS}/gran").status_code == 201


@pytest.mark.parametrize("stated", ["gran", [7], {"gran": True}, [""], None])
def test_bm_09_a_token_that_states_guardians_wrongly_is_not_believed(stated: Any) -> None:
    token = a_token(claims(sub="kim", scope="settings", guardians=stated))
    headers = {"Authorization": f"Bearer {token}"}

    assert Service().call("GET", BLOCKS, scope=None, headers=headers).status_code == 401
