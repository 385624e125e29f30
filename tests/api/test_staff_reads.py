"""AB-05 over HTTP: staff read a person's settings for a ticket, on record, and without private notes."""

import pytest

from tests.api.calling import Service

SETTINGS, READS = "/v1/admin/users/mia/settings", "/v1/admin/users/mia/reads"
TICKET = {"X-Ticket": "SUP-1234"}


def a_service() -> Service:
    """Return a service where mia chose things, and wrote beside them what is nobody's business."""
    service = Service()
    service.call("POST", "/v1/me/keyword-filters", user="mia", json={"id": "kf", "terms": ["tea"]})
    service.call("PUT", "/v1/me/blocks/troll", user="mia", json={"note": "canary"})
    service.call("PUT", "/v1/me/mutes/topic/tea", user="mia", json={"note": "canary"})
    service.call("PUT", "/v1/me/blocks/mia", user="stalker")
    return service


def test_ab_05_staff_see_what_a_person_chose_but_neither_their_notes_nor_who_blocked_them() -> None:
    answer = a_service().call("GET", SETTINGS, user="sam", scope="settings:admin", headers=TICKET)

    assert answer.status_code == 200
    assert [each["terms"] for each in answer.get_json()["keyword_filters"]] == [["tea"]]
    assert [each["user_id"] for each in answer.get_json()["blocks"]["items"]] == ["troll"]
    assert "canary" not in answer.text
    assert "stalker" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_ab_05_every_look_is_on_record_with_who_and_why() -> None:
    service = a_service()
    service.call("GET", SETTINGS, user="sam", scope="settings:admin", headers=TICKET)

    answer = service.call(
        "GET", f"{READS}?limit=2", user="ines", scope="settings:admin", headers={"X-Ticket": "AUDIT-7"}
    )

    told = [(each["staff_id"], each["ticket"], each["view"]) for each in answer.get_json()["items"]]
    assert sorted(told) == [("ines", "AUDIT-7", "reads"), ("sam", "SUP-1234", "settings")]


@pytest.mark.parametrize("path", [SETTINGS, READS])
@pytest.mark.parametrize(
    "ticket", [None, "", "x", "a b", "because mia asked", "SUP-1\u00e9", "X" * 65, "'; drop--", "-1"]
)
def test_ab_05_without_the_name_of_a_ticket_nothing_is_shown_and_nothing_noted(
    path: str, ticket: str | None
) -> None:
    service = a_service()

    answer = service.call(
        "GET", path, scope="settings:admin", headers={} if ticket is None else {"X-Ticket": ticket}
    )

    assert (answer.status_code, answer.get_json()["code"]) == (400, "ticket-missing")
    assert service.settings.staff_reads("mia", 9, None) == []


@pytest.mark.parametrize("scope", ["settings", "feed:filter filter:explain", "policy:write", ""])
def test_ab_05_nobody_else_reads_them_with_or_without_a_ticket(scope: str) -> None:
    service = a_service()

    answer = service.call("GET", SETTINGS, user="mia", scope=scope, headers=TICKET)

    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope-missing")
    assert service.settings.staff_reads("mia", 9, None) == []


def test_ab_05_what_cannot_be_put_on_record_is_not_shown() -> None:
    service = a_service()
    service.settings.is_reachable = False

    assert service.call("GET", SETTINGS, scope="settings:admin", headers=TICKET).status_code == 503
