"""Held comments over HTTP."""

from tests.api.moderating import Section


def test_a_batch_judges_each_comment_by_itself() -> None:
    """CL-04."""
    section = Section(hold_mode="all")
    for number in range(3):
        section.make(f"c{number}")
    verdicts = ["approve", "reject", "approve_and_trust"]
    items = [{"comment_id": f"c{number}", "verdict": verdict} for number, verdict in enumerate(verdicts)]

    answer = section.owner(
        "POST",
        "/v1/me/held-comments/batch",
        json={"items": [*items, {"comment_id": "gone", "verdict": "approve"}]},
    )

    states = [each["comment"] and each["comment"]["state"] for each in answer["results"]]
    assert states == ["approved", "rejected", "approved", None]
    assert answer["results"][3]["code"] == "not-found"
    section.owner("POST", "/v1/me/held-comments/batch", 422, json={"items": items * 34})


def test_sixty_days_later_a_held_comment_is_gone_for_everybody() -> None:
    """CL-04."""
    section = Section(hold_mode="all")
    section.make("c1")
    section.service.clock.step(days=60)

    assert section.waiting() == []
    assert section.sees("bob", "c1")["outcome"] == section.sees("carol", "c1")["outcome"] == "hide"
    section.owner("POST", "/v1/me/held-comments/c1/approve", 404)


def test_nobody_judges_or_reads_what_waits_for_somebody_else() -> None:
    section = Section(hold_mode="all")
    section.make("c1")

    for verdict in ("approve", "reject"):
        answer = section.service.call("POST", f"/v1/me/held-comments/c1/{verdict}", user="eve")
        assert answer.status_code == 404
    listed = section.service.call("GET", "/v1/me/held-comments", user="eve")
    assert listed.json is not None
    assert listed.json["items"] == []
    assert section.waiting() == ["c1"]
