"""What is planted in five thousand people is found again, all of it by calls that callers make."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, product
from typing import Any

import pytest

from service.domain.emerging_terms import emerging_on
from service.domain.segments import Cause
from service.domain.silence import Series, SilenceState
from service.local.population import Call, Inhabitant
from service.store.mining import PostgresMining
from service.usecases.mine import listen_for_silence, mine_terms
from tests.insights.five_thousand import (
    DIED,
    NEWS,
    NEWS_ON,
    PEOPLE,
    QUARTER,
    RARE,
    SOMEBODY,
    World,
)
from tests.insights.leaks import Leaks
from tests.insights.planting import FIRST, NOON, post, sum_of, visit
from tests.insights.town import Town

WEEK = {"from": str(FIRST), "to": str(FIRST + timedelta(days=6))}
A_WEEK = timedelta(weeks=1)
FLOOR = 20
"""Among five thousand, chance never makes a hundred filter a term on one day: held against a lower floor too."""


@pytest.mark.timeout(600)
def test_what_is_planted_in_five_thousand_people_is_found(
    town: Town, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    world = World(town, Leaks(town, monkeypatch))
    world.play()
    town.close(FIRST + timedelta(days=6))

    assert sum_of(town, "requests") == PEOPLE - world.leaks.planted[Cause.DID_NOT_ASK] / 3
    with subtests.test("G04: what was prevented is exact however much is fetched"):
        prevented_is_exact(world)
    with subtests.test("G05: leaks are measured and told apart by cause"):
        leaks_are_told_apart(world)
    with subtests.test("G15: the language with three times the leaks stands first"):
        the_rare_language_stands_first(world)
    with subtests.test("G07: bursts are found and chance is not"):
        bursts_are_found(world, monkeypatch)
    with subtests.test("G11: a control that dies on one platform is noticed"):
        death_is_noticed(world)


def prevented_is_exact(world: World) -> None:
    for surface in ("for_you", "following"):
        assert sum_of(world.town, "prevented", f"surface={surface}") == world.prevented[surface] > 300
    shown = world.town.read("/v1/insights/breakdown", metric="showings_prevented", by="surface", **WEEK)
    for surface, prevented in world.prevented.items():
        segment = {"control": "keyword_filter", "surface": surface}
        (value,) = (row["value"] for row in shown["rows"] if row["by"] == segment)
        assert value == pytest.approx(1_000 * prevented / world.would_be[surface], rel=0.05)


def leaks_are_told_apart(world: World) -> None:
    (row,) = world.town.read("/v1/insights/series", metric="leakage", **WEEK)["rows"]
    truth = 100 * sum(world.leaked_to.values()) / sum(world.shown_to.values())

    assert 0.25 < truth < 0.45
    assert abs(row["value"] / 10 - truth) <= 0.05
    assert world.leaks.attributed() >= 0.95


def the_rare_language_stands_first(world: World) -> None:
    leaked, shown = sum(world.leaked_to.values()), sum(world.shown_to.values())
    usual = (leaked - world.leaked_to[RARE]) / (shown - world.shown_to[RARE])
    excess = world.leaked_to[RARE] - usual * world.shown_to[RARE]

    by_language = world.town.read("/v1/insights/breakdown", metric="leakage", by="language", **WEEK)
    assert by_language["rows"][0]["by"] == {"language": RARE}
    places = world.town.read("/v1/insights/look-first")["places"]
    first = next(place for place in places if place["metric"] == "leakage" and "language" in place["by"])
    assert first["by"] == {"language": RARE}
    assert abs(first["excess"] - excess) <= 10


def bursts_are_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = PostgresMining(world.town.engine)
    adders = desk.adders(NOON - timedelta(days=120))
    found: dict[str, date] = {}
    for day in QUARTER[30:]:
        for each in emerging_on(day, adders, found_before=found, floor=FLOOR):
            assert each.term not in found, "one alert a term"
            found[each.term] = day
    on_time = [
        term for term, day in world.bursts.items() if term in found and 0 <= (found[term] - day).days <= 1
    ]

    assert len(world.bursts) == 24
    assert len(on_time) >= 23
    assert len(found.keys() - world.bursts.keys() - {NEWS}) <= 1
    names = count()
    for day in QUARTER[-3:]:
        tomorrow = datetime.combine(day + timedelta(days=1), time(6), UTC)
        mine_terms(desk, tomorrow, lambda prefix: f"{prefix}-{next(names)}")
    assert {each.found.term for each in desk.terms()} == {NEWS}
    monkeypatch.setattr("service.domain.emerging_terms.may_be_reviewed", lambda _: True)
    assert SOMEBODY in {each.term for each in emerging_on(NEWS_ON, adders)}


def death_is_noticed(world: World) -> None:
    let_one_die(world)
    desk = PostgresMining(world.town.engine)
    noticed: dict[Series, int] = {}
    for hour in range(-5, 7):
        listen_for_silence(desk, DIED + timedelta(hours=hour))
        for each in desk.silences():
            if each.state is not SilenceState.OK:
                noticed.setdefault(each.series, hour)

    assert len(desk.silences()) >= 18
    assert noticed.keys() == {Series("matches", "keyword_filter", "android")}
    assert 0 < min(noticed.values()) <= 6


def let_one_die(world: World) -> None:
    """Let some look by the hour, five weeks long, until one platform's feed no longer says what posts say."""
    for platform in ("android", "ios", "web"):
        some = [
            each for each in world.people if each.id in world.terms and each.segment.platform == platform
        ][:4]
        for each in some:
            begin_with_everything(world.town, each)
        for week, hour in product(range(5), range(-6, 7)):
            at = DIED - week * A_WEEK + timedelta(hours=hour)
            for person in some[:2] if hour % 2 else some[2:]:
                page = a_page_of_everything(world.terms[person.id][0])
                if platform == "android" and not week and hour >= 0:
                    page = [each | {"caption": ""} for each in page]
                world.town.call(visit(person.id, at, page, person.segment))
    world.town.count_all()


def begin_with_everything(town: Town, person: Inhabitant) -> None:
    """Let somebody block, mute and reject, as well as filter, each in an hour of its own."""
    at = DIED - 5 * A_WEEK
    paths: Sequence[tuple[str, str, dict[str, Any]]] = (
        ("PUT", "/v1/me/blocks/troll", {}),
        ("PUT", "/v1/me/mutes/hashtag/loud", {}),
        ("POST", "/v1/me/not-interested", {"item_id": "unloved", "surface": "for_you"}),
    )
    for number, (method, path, body) in enumerate(paths):
        town.call(Call(at + timedelta(hours=number), method, path, body, person.id, person.segment))


def a_page_of_everything(term: str) -> list[dict[str, Any]]:
    """Return a page of which a quarter each is somebody's, loud, and about a term; and one post is unloved."""
    return [
        {"id": "unloved", "author_id": "ana"},
        *(post(f"t{n}", "troll") for n in range(6)),
        *(post(f"l{n}") | {"hashtags": ["loud"]} for n in range(6)),
        *(post(f"c{n}") | {"caption": f"about {term}"} for n in range(6)),
    ]
