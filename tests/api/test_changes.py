"""SY-02 over HTTP: changes since a bookmark, tombstones, 410, and sizes on the wire."""

import gzip
import random
from typing import Any

import pytest

from service.api.changes import LARGEST_DELTA_BYTES
from service.domain.blocks import NOTE_LENGTH
from service.domain.comment_limits import KEYWORD_TERMS, CommentLimits
from service.domain.keyword_filters import FILTERS_PER_USER, TERMS_PER_USER, TITLE_LENGTH
from tests.api.calling import Service, body_of
from tests.builders import a_block, a_keyword_filter, a_mute

CHANGES = "/v1/me/changes"
SETTINGS = "/v1/me/settings"
TERM_LENGTH = 64
LARGEST_SNAPSHOT_BYTES = 256 * 1024
LARGEST_SETTING_BYTES = 64 * 1024


def ask(service: Service, since: str | None = None, *, user: str = "alice", **query: Any) -> dict[str, Any]:
    """Ask for changes and return them."""
    asked = {**({"since": since} if since else {}), **query}
    answer = service.call("GET", CHANGES, user=user, query_string=asked)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.get_json()
    return told


def ops(told: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    return [(each["op"], each["kind"], each["id"], each["revision"]) for each in told["changes"]]


def test_SY_02_NI_09_a_device_that_heard_of_a_reset_hears_that_it_was_taken_back() -> None:  # noqa: N802
    service = Service()
    reset = service.call("POST", "/v1/me/not-interested/reset", json={"scope": "all"}).get_json()["id"]
    first = ask(service)
    restored = service.call("POST", f"/v1/me/not-interested/reset/{reset}/restore").get_json()

    [told] = ask(service, first["next"])["changes"]

    assert (told["id"], told["body"]) == (reset, restored)
    assert (restored["revision"], restored["restored_at"]) == (2, "2026-11-22T12:00:00Z")


def test_SY_02_a_device_learns_what_was_put_and_removed_since_it_last_asked() -> None:  # noqa: N802
    service = Service()
    service.call("PUT", "/v1/me/blocks/bob", json={"note": "rude"})
    service.call("PUT", "/v1/me/mutes/topic/tea")
    first = ask(service)
    service.call("PATCH", "/v1/me/comment-limits", json={"keyword_terms": ["ugly"]})
    service.call("DELETE", "/v1/me/blocks/bob")
    then = ask(service, first["next"])

    assert ops(first) == [("upsert", "block", "bob", 1), ("upsert", "mute", "topic:tea", 2)]
    assert ops(then) == [("upsert", "comment_limits", "account", 3), ("delete", "block", "bob", 4)]
    assert ask(service, then["next"])["changes"] == []
    assert (first["changes"][0]["body"]["note"], then["changes"][1]["body"]) == ("rude", None)


def test_a_setting_in_a_change_looks_as_its_own_call_answers_it() -> None:
    service = Service()
    kept = service.call("POST", "/v1/me/keyword-filters", json={"terms": ["spoiler"]}).get_json()
    sent = service.call("POST", "/v1/me/not-interested", json={"item_id": "p", "surface": "live"}).get_json()

    bodies = {each["id"]: each["body"] for each in ask(service)["changes"]}

    assert bodies[kept["id"]] == service.call("GET", f"/v1/me/keyword-filters/{kept['id']}").get_json()
    assert bodies[sent["id"]] == service.call("GET", "/v1/me/not-interested").get_json()["items"][0]


def test_changes_come_page_by_page_and_none_is_left_out_or_told_twice() -> None:
    service = Service()
    for number in range(7):
        service.call("PUT", f"/v1/me/blocks/u{number}")
    told: list[str] = []
    page = ask(service, limit=3)
    while page["has_more"]:
        told += [each["id"] for each in page["changes"]]
        page = ask(service, page["next"], limit=3)
    told += [each["id"] for each in page["changes"]]

    assert told == [f"u{number}" for number in range(7)]


def test_a_bookmark_of_90_days_ago_still_works_and_one_of_91_does_not() -> None:
    service = Service()
    service.call("PUT", "/v1/me/blocks/bob")
    since = ask(service)["next"]
    service.clock.step(days=90)
    within = service.call("GET", CHANGES, query_string={"since": since})
    service.clock.step(days=1)
    after = service.call("GET", CHANGES, query_string={"since": since})

    assert within.status_code == 200
    assert (after.status_code, after.get_json()["code"]) == (410, "changes-gone")
    assert ops(ask(service)) == [("upsert", "block", "bob", 1)]


def test_a_bookmark_of_a_history_that_is_gone_does_not_pass_for_one_of_the_new() -> None:
    old, new = Service(), Service()
    for service in (old, old, new):
        service.call("PUT", f"/v1/me/blocks/{(service.settings.announced and 'bob') or 'carol'}")
    since = ask(old)["next"]
    new.settings._shelves["alice"].version = new.settings._shelves["alice"].version._replace(epoch=1)

    assert new.call("GET", CHANGES, query_string={"since": since}).status_code == 410


def test_a_newcomers_bookmark_is_good_for_ever() -> None:
    service = Service()
    since = ask(service)["next"]
    service.call("PUT", "/v1/me/blocks/alice", user="bob")
    service.call("PUT", "/v1/me/blocks/carol")
    service.clock.step(days=400)

    assert ops(ask(service, since)) == [("upsert", "block", "carol", 1)]


def test_BM_10_being_blocked_moves_nothing_that_one_can_read() -> None:  # noqa: N802
    service = Service()
    service.call("PUT", "/v1/me/mutes/topic/tea", user="dora")
    before = {user: service.call("GET", CHANGES, user=user).data for user in ("bob", "dora")}

    for user in before:
        service.call("PUT", f"/v1/me/blocks/{user}", user="alice")

    assert {user: service.call("GET", CHANGES, user=user).data for user in before} == before


@pytest.mark.parametrize("since", ["x", "AAAA", "1", "ä", "A" * 600])
def test_a_text_that_is_no_bookmark_is_refused(since: str) -> None:
    refused = Service().call("GET", CHANGES, query_string={"since": since})

    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["since"])


def test_a_bookmark_is_good_for_its_user_only() -> None:
    service = Service()
    service.call("PUT", "/v1/me/blocks/bob")

    assert (
        service.call("GET", CHANGES, user="eve", query_string={"since": ask(service)["next"]}).status_code
        == 422
    )


# On the wire


def in_some_script(chance: random.Random, length: int) -> str:
    """Return what compresses worse than any language: characters by chance out of the 3,500 that Chinese uses."""
    return "".join(chr(chance.randrange(0x4E00, 0x4E00 + 3_500)) for _ in range(length))


def fill(service: Service) -> None:
    """Fill every list of one user's to its limit, with texts that compress worst."""
    chance = random.Random(7)
    per_filter = TERMS_PER_USER // FILTERS_PER_USER
    targets = [f"{chance.getrandbits(64):020}" for _ in range(400)]
    with service.settings.edit("alice", felt_by=targets) as settings:
        for number in range(FILTERS_PER_USER):
            terms = tuple(in_some_script(chance, TERM_LENGTH) for _ in range(per_filter))
            title = in_some_script(chance, TITLE_LENGTH)
            settings.keyword_filters.put(a_keyword_filter(filter_id=f"kf_{number}", terms=terms, title=title))
        for target in targets:
            note = in_some_script(chance, NOTE_LENGTH)
            settings.blocks.put(a_block(target_id=target, note=note))
            settings.mutes.put(a_mute(id=target, note=note))
        held = tuple(in_some_script(chance, TERM_LENGTH) for _ in range(KEYWORD_TERMS))
        settings.comment_limits.put(CommentLimits(keyword_terms=held, revision=1))


def test_SY_05_a_full_snapshot_and_every_delta_fit_on_the_wire() -> None:  # noqa: N802
    service = Service()
    fill(service)
    packed = {"Accept-Encoding": "gzip"}

    snapshot = service.call("GET", SETTINGS, headers=packed)
    largest = {True: 0, False: 0}
    since: str | None = None
    has_more = True
    while has_more:
        query = {"since": since} if since else {}
        answer = service.call("GET", CHANGES, headers=packed, query_string=query)
        told = body_of(answer)
        is_one = len(told["changes"]) == 1
        largest[is_one] = max(largest[is_one], len(answer.data))
        since, has_more = told["next"], told["has_more"]

    assert len(snapshot.data) <= LARGEST_SNAPSHOT_BYTES
    assert largest[False] <= LARGEST_DELTA_BYTES
    assert largest[True] <= LARGEST_SETTING_BYTES


def test_what_is_read_comes_compressed_only_where_the_client_takes_it() -> None:
    service = Service()
    fill(service)

    plain = service.call("GET", SETTINGS)
    packed = service.call("GET", SETTINGS, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    refused = service.call("GET", SETTINGS, headers={"Accept-Encoding": "gzip;q=0"})

    assert "Content-Encoding" not in plain.headers
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(packed.data) == plain.data == refused.data
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert len(packed.data) < len(plain.data)


def test_answers_to_decisions_and_edits_are_never_compressed() -> None:
    service = Service()
    posts = [{"id": f"p{number}", "author_id": "a"} for number in range(200)]
    body = {"viewer_id": "alice", "surface": "live", "candidates": posts}

    decided = service.call(
        "POST", "/v1/feed/filter", scope="feed:filter", json=body, headers={"Accept-Encoding": "gzip"}
    )

    assert "Content-Encoding" not in decided.headers
