"""Every count a second time: from the tallies, and in a few lines from what was asked and answered."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text

from load_tests.golden.planting import weeks_ago
from load_tests.golden.ranking import Ranking
from service.domain.segments import Segment
from service.local.population import SLOTS, Call, a_population
from tests.insights.town import Town

FIRST = weeks_ago(2)
ZONES = {
    "IN": timezone(timedelta(hours=5, minutes=30)),
    "BR": timezone(timedelta(hours=-3)),
    "JP": timezone(timedelta(hours=9)),
    "GB": ZoneInfo("Europe/London"),
}
Log = list[tuple[Call, Any]]


def tallied(town: Town) -> dict[str, int]:
    """Return what was counted, totals of all days and markets: occurrences, and people once a day."""
    with town.engine.connect() as connection:
        counted = connection.execute(
            text("SELECT measure, control, sum(n) FROM tally WHERE dims = '' GROUP BY 1, 2")
        ).all()
        people = connection.execute(
            text("SELECT measure, control, count(*) FROM tally_person WHERE dims = '' GROUP BY 1, 2")
        ).all()
    return {f"{measure} {control}".strip(): int(n) for measure, control, n in [*counted, *people]}


def made(log: Log, *parts: str, method: str | None = None) -> list[Call]:
    """Return the calls whose path has these parts and that changed something."""
    return [
        call
        for call, said in log
        if all(part in call.path for part in parts)
        and (said is None or "code" not in said)
        and method in {None, call.method}
    ]


def per_day(calls: Iterable[Call], who: Callable[[Call], str | None] = lambda call: call.user) -> int:
    """Count people, each once a day of where they live."""
    return len(
        {(who(call), call.at.astimezone(ZONES[call.segment.market]).date()) for call in calls if call.segment}
    )


def feeds(log: Log) -> list[tuple[Call, Any]]:
    return [(call, said) for call, said in log if call.path == "/v1/feed/filter"]


def viewer(call: Call) -> str:
    return str((call.body or {})["viewer_id"])


def reported(log: Log, kind: str) -> list[dict[str, Any]]:
    return [
        event
        for call in made(log, "/v1/events")
        for event in (call.body or {})["events"]
        if event["kind"] == kind
    ]


def counted_plainly(log: Log) -> Mapping[str, int]:
    """Count from the calls and answers alone."""
    signals = made(log, "/not-interested", method="POST")
    filters = made(log, "/keyword-filters", method="POST")
    blocks = made(log, "/blocks/", method="PUT")
    mutes = made(log, "/mutes/", method="PUT")
    pages = [(call, said["decisions"][:SLOTS]) for call, said in feeds(log)]
    hidden = Counter(
        each["reasons"][0]["code"] for _, page in pages for each in page if each["outcome"] == "hide"
    )
    return {
        "active": per_day((call for call, _ in feeds(log)), viewer),
        "requests": len(pages),
        "would_be": sum(len(page) for _, page in pages),
        "shown": sum(min(said["kept"], SLOTS) for _, said in feeds(log)),
        "prevented block": hidden["block"],
        "prevented keyword_filter": hidden["keyword_filter"],
        "prevented mute": hidden["mute_hashtag"],
        "covered keyword_filter": sum(
            each["outcome"] in {"warn", "blur"} and each["reasons"][0]["code"] == "keyword_filter"
            for _, page in pages
            for each in page
        ),
        "signals": len(signals),
        "signallers": per_day(signals),
        "topic_signallers": per_day(call for call in signals if (call.body or {})["topics"]),
        "makers not_interested": per_day(signals),
        "makers keyword_filter": per_day(filters),
        "makers block": per_day(blocks),
        "actors": per_day([*signals, *filters, *blocks, *mutes]),
        "reported_showings": sum(each["showings"] for each in reported(log, "showing_reported")),
        "revealed keyword_filter": len(reported(log, "revealed")),
    }


def hidden_by_the_calls_alone(log: Log) -> int:
    """Rank every page again by what was set until then, without looking at an answer."""
    ranking, hidden = Ranking(), 0
    for call, _ in log:
        ranking.note(call)
        if call.path == "/v1/feed/filter" and call.body:
            hidden += ranking.hidden(viewer(call), call.body["candidates"][:SLOTS], call.body["surface"])
    return hidden


def test_the_tallies_say_what_plain_counting_says(town: Town) -> None:
    town.play(a_population(120, FIRST, 2, 11))
    town.count_all()

    counted, plain = tallied(town), counted_plainly(town.log)

    assert {name: counted.get(name, 0) for name in plain} == plain
    prevented = sum(n for name, n in counted.items() if name.startswith("prevented "))
    assert prevented == hidden_by_the_calls_alone(town.log)
    assert all(plain[name] for name in ("signals", "prevented block", "makers keyword_filter", "shown"))


OWNER = Segment("DE", "de", "ios")
NOON = datetime.combine(FIRST, time(12), UTC)


def owner_call(owner: str, hours: int, method: str, path: str, body: Any = None) -> Call:
    return Call(NOON + timedelta(hours=hours), method, path, body, owner, OWNER)


def check(owner: str, number: int, text_of_it: str) -> Call:
    comment = {"id": f"{owner}-c{number}", "author_id": f"guest-{number}", "text": text_of_it}
    body = {"post": {"id": f"{owner}-post", "owner_id": owner}, "comments": [comment]}
    return Call(NOON, "POST", "/v1/comments/check", body, segment=OWNER)


def test_comments_and_what_becomes_of_them_are_counted_once_each(town: Town) -> None:
    for owner in ("ada", "bob"):
        terms = {"keyword_terms": ["clown"]}
        town.call(owner_call(owner, -2, "PATCH", "/v1/me/comment-limits", terms))
        for number, said in enumerate(("you clown", "a clown again", "nice", "clown")):
            town.call(check(owner, number, said))
        town.call(owner_call(owner, 1, "POST", f"/v1/me/held-comments/{owner}-c0/approve"))
        town.call(owner_call(owner, 30, "POST", f"/v1/me/held-comments/{owner}-c1/reject"))
        town.call(owner_call(owner, 31, "POST", f"/v1/me/held-comments/{owner}-c1/approve"))
    town.count_all()

    counted = tallied(town)
    outcomes = Counter(
        each["outcome"] for call, said in town.log if "check" in call.path for each in said["decisions"]
    )
    assert (counted["comments"], counted["comments_held"]) == (outcomes.total(), outcomes["hold"]) == (8, 6)
    assert (counted["comment_owners"], counted["beginners comment_limit"]) == (2, 2)
    assert (counted["reviewed"], counted["approved"], counted["reviewed_late"]) == (4, 2, 2)


def test_who_sees_opens_and_begins_is_counted(town: Town) -> None:
    def tell(kind: str, person: str) -> Call:
        event = {
            "id": str(uuid4()),
            "kind": kind,
            "at": NOON.isoformat(),
            "viewer_id": person,
            "control": "block",
        }
        return Call(NOON, "POST", "/v1/events", {"events": [event]})

    for person in ("ada", "bob", "cy"):
        town.call(tell("control_seen", person))
    town.call(tell("control_opened", "ada"))
    for hours, target in enumerate(("eve", "mallory", "trudy")):
        town.call(owner_call("ada", hours, "PUT", f"/v1/me/blocks/{target}", {}))
    town.call(owner_call("ada", 50, "DELETE", "/v1/me/blocks/eve"))
    town.count_all()

    counted = tallied(town)
    assert (counted["seers block"], counted["openers block"], counted["beginners block"]) == (3, 1, 1)
    assert (counted["made block"], counted["kept block"], counted.get("undoers block")) == (3, 2, None)
