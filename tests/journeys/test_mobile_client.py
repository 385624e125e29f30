"""A mobile client changes settings, sees them at once, and never loses one."""

from tests.journeys.conftest import Person


def test_a_client_makes_every_kind_of_setting_and_reads_all_of_them_back(mia: Person) -> None:
    added = mia.ask("POST", "/v1/me/keyword-filters", {"terms": ["glass harbor"], "expires_in": "7d"})
    mia.ask("PUT", "/v1/me/blocks/troll", {"note": "since the party"})
    mia.ask("PUT", "/v1/me/mutes/hashtag/%23Crypto")
    signal = {"item_id": "p1", "surface": "for_you", "reasons": ["topic"], "topics": ["diets"]}
    receipt = mia.ask("POST", "/v1/me/not-interested", signal)
    mia.ask("PATCH", "/v1/me/comment-limits", {"who_can_comment": ["friends"]})

    settings = mia.ask("GET", "/v1/me/settings")

    assert [each["id"] for each in settings["keyword_filters"]] == [added["id"]]
    assert [each["user_id"] for each in settings["blocks"]["items"]] == ["troll"]
    assert [each["id"] for each in settings["mutes"]["items"]] == ["crypto"]
    assert settings["not_interested"] == receipt["effects"]
    assert settings["comment_limits"]["who_can_comment"] == ["friends"]
    assert settings["revision"] == 5


def test_a_client_that_is_up_to_date_downloads_nothing(mia: Person) -> None:
    etag = mia.call("GET", "/v1/me/settings").headers["ETag"]

    assert mia.call("GET", "/v1/me/settings", If_None_Match=etag).status_code == 304
    mia.ask("PUT", "/v1/me/blocks/troll")
    assert mia.call("GET", "/v1/me/settings", If_None_Match=etag).status_code == 200


def test_a_retry_after_a_lost_answer_changes_nothing(mia: Person) -> None:
    wanted = {"id": "made-by-the-phone", "terms": ["spoiler"]}
    first = mia.call("POST", "/v1/me/keyword-filters", wanted)
    again = mia.call("POST", "/v1/me/keyword-filters", wanted)

    assert (first.status_code, again.status_code) == (201, 200)
    assert mia.ask("GET", "/v1/me/settings")["revision"] == 1


def test_of_two_phones_the_second_is_told_what_the_first_changed(mia: Person) -> None:
    etag = mia.call("GET", "/v1/me/comment-limits").headers["ETag"]
    mia.ask("PATCH", "/v1/me/comment-limits", {"hold_mode": "all"}, If_Match=etag)

    refused = mia.call("PATCH", "/v1/me/comment-limits", {"who_can_comment": ["no_one"]}, If_Match=etag)

    assert refused.status_code == 412
    assert refused.get_json()["current"]["hold_mode"] == "all"


def test_a_refused_change_leaves_everything_as_it_was(mia: Person) -> None:
    before = mia.ask("GET", "/v1/me/settings")

    refused = mia.call("POST", "/v1/me/keyword-filters", {"terms": ["fine", "___"]})

    assert (refused.status_code, refused.get_json()["code"]) == (422, "unmatchable-term")
    assert mia.ask("GET", "/v1/me/settings") == before


def test_nobody_reads_or_changes_what_is_somebody_elses(mia: Person, troll: Person) -> None:
    made = mia.ask("POST", "/v1/me/keyword-filters", {"terms": ["spoiler"]})
    path = f"/v1/me/keyword-filters/{made['id']}"

    answers = [
        troll.call("GET", path),
        troll.call("PATCH", path, {"title": "mine"}),
        troll.call("DELETE", path),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert mia.ask("GET", path)["terms"] == ["spoiler"]
