"""Pages in one call: everybody's once, with those they are alike, and again where there was no answer."""

from datetime import date
from typing import Any

from load_tests.golden.pages import AT_ONCE, MANY_PAGES, ONE_PAGE, ask_about, together
from load_tests.golden.planting import NOON
from service.local.population import Call, a_population


def test_pages_that_are_asked_about_together_are_of_one_time_and_segment() -> None:
    [day] = a_population(400, date(2026, 11, 2), 1, 3, unasked=0.0).days()

    batches = list(together(day.visits))
    viewers = [page["viewer_id"] for batch in batches for page in (batch.body or {})["requests"]]
    segments = {visit.shard: visit.segment for visit in day.visits}
    times = {(visit.shard, visit.at) for visit in day.visits}

    assert {visit.path for visit in day.visits} == {ONE_PAGE}
    assert sorted(viewers) == sorted(visit.shard for visit in day.visits)
    for batch in batches:
        pages = (batch.body or {})["requests"]
        assert len(pages) <= AT_ONCE
        assert {segments[page["viewer_id"]] for page in pages} == {batch.segment}
        assert all((page["viewer_id"], batch.at) in times for page in pages)


def test_a_page_without_an_answer_is_asked_about_again_and_no_other() -> None:
    pages = [{"viewer_id": name} for name in ("ada", "bob", "cy")]
    made: list[list[dict[str, Any]]] = []

    def answer(call: Call) -> Any:
        asked = (call.body or {})["requests"]
        made.append(asked)
        busy = len(made) == 1
        said = [{"decisions": [], "degraded": page is pages[2]} for page in asked]
        return {"results": [{"status": 503} if busy and n else each for n, each in enumerate(said)]}

    undecided = ask_about(answer, Call(NOON, "POST", MANY_PAGES, {"requests": pages}))

    assert made == [pages, pages[1:]]
    assert undecided == [(pages[2], [])]
