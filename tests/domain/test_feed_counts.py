"""What requests add to the figures, and what a second look finds, against plainer ways to count the same."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.domain.consistency import Version
from service.domain.decisions import ReadyRules, decide_feed
from service.domain.events import PanelLook
from service.domain.feed import Decision, Outcome
from service.domain.feed_counts import (
    DecidedRequest,
    ShownUnasked,
    look_again,
    look_at_unasked,
    occurrences_in,
)
from service.domain.measures import Measure
from service.domain.segments import NOWHERE, Cause, Control
from service.domain.surfaces import SURFACES
from tests.builders import NOW, a_candidate, a_filter_rule, feed_rules

SLOTS = 20
FOR_YOU = SURFACES["for_you"]
STALE = feed_rules(version=Version(1, 1))
FRESH = feed_rules(version=Version(1, 2), blocks={"troll": None}, filters=(a_filter_rule(),))


def a_request(
    dice: random.Random, *, fetched: int, rules: Any = FRESH, degraded: bool = False
) -> DecidedRequest:
    candidates = [
        a_candidate(
            id=f"c{rank}",
            author_id=dice.choice(["troll", "ada", "bob", "cy"]),
            caption=dice.choice(["a spoiler", "cats", "dogs"]),
        )
        for rank in range(fetched)
    ]
    ready = ReadyRules(rules)
    decisions = decide_feed(candidates, ready, FOR_YOU, NOW)
    return DecidedRequest.of(
        "ada",
        NOWHERE,
        FOR_YOU,
        NOW,
        candidates=candidates,
        decisions=decisions,
        ready=ready,
        slots=SLOTS,
        degraded=degraded,
    )


def sums(request: DecidedRequest) -> Mapping[tuple[Measure, Control | None], int]:
    found: Counter[tuple[Measure, Control | None]] = Counter()
    for occurrence, n in occurrences_in(request):
        found[occurrence.measure, occurrence.control] += n
    return found


@pytest.mark.parametrize("seed", range(20))
def test_g04_prevented_showings_are_those_of_the_page_without_rules_less_the_page_with_them(
    seed: int,
) -> None:
    request = a_request(random.Random(seed), fetched=200)
    page = {candidate.id for candidate in request.candidates[:SLOTS]}
    hidden = {each.id for each in request.decisions if each.outcome is Outcome.HIDE}

    counted = sums(request)
    prevented = counted[Measure.PREVENTED, Control.BLOCK] + counted[Measure.PREVENTED, Control.KEYWORD_FILTER]
    assert prevented == len(page & hidden)
    assert counted[Measure.WOULD_BE, None] == SLOTS


def test_g04_fetching_more_changes_nothing_that_is_prevented() -> None:
    few, many = (a_request(random.Random(4), fetched=fetched) for fetched in (20, 20))
    more = DecidedRequest.of(
        many.viewer_id, many.segment, FOR_YOU, NOW,
        candidates=[*many.candidates] * 25, decisions=[*many.decisions] * 25, ready=many.ready, slots=SLOTS,
    )  # fmt: skip

    for measure in (Measure.PREVENTED, Measure.WOULD_BE):
        assert {k: n for k, n in sums(few).items() if k[0] is measure} == {
            k: n for k, n in sums(more).items() if k[0] is measure
        }


def causes(request: DecidedRequest, edited_at: datetime | None = None) -> set[Cause]:
    found = look_again(request, FRESH, edited_at)
    assert found
    assert found.look
    return {cause for _, cause, _ in found.look.leaked}


def test_g05_what_slips_through_is_told_apart_by_cause() -> None:
    stale = a_request(random.Random(1), fetched=50, rules=STALE)
    degraded = a_request(random.Random(1), fetched=50, rules=STALE, degraded=True)
    missed = a_request(random.Random(1), fetched=50)
    blind = DecidedRequest.of(
        missed.viewer_id, NOWHERE, FOR_YOU, NOW, candidates=missed.candidates,
        decisions=[Decision(each.id, Outcome.KEEP) for each in missed.candidates],
        ready=missed.ready, slots=SLOTS,
    )  # fmt: skip

    assert causes(stale) == {Cause.STALE_RULES}
    assert causes(stale, NOW - timedelta(seconds=1)) == {Cause.STALE_RULES}
    assert causes(stale, NOW + timedelta(seconds=1)) == {Cause.EDITED_AFTERWARDS}
    assert causes(degraded) == {Cause.DEGRADED}
    assert causes(blind) == {Cause.MATCHER_DISAGREES}


def test_g05_every_showing_that_should_have_been_hidden_is_counted_once() -> None:
    request = a_request(random.Random(2), fetched=50, rules=STALE)
    again = decide_feed(request.candidates[:SLOTS], ReadyRules(FRESH), FOR_YOU, NOW)
    hidden = [each for each in again if each.outcome is Outcome.HIDE]

    found = look_again(request, FRESH)

    assert found
    assert found.look
    assert sum(n for _, _, n in found.look.leaked) == len(hidden) > 0
    assert found.look.shown == SLOTS


def test_g05_what_a_surface_shows_without_asking_is_its_own_cause() -> None:
    asked = a_request(random.Random(6), fetched=SLOTS)
    hidden = [each for each in asked.decisions if each.outcome is Outcome.HIDE]

    found = look_at_unasked(ShownUnasked("ada", NOWHERE, FOR_YOU, NOW, asked.candidates), FRESH)

    assert found
    assert found.look
    assert {cause for _, cause, _ in found.look.leaked} == {Cause.DID_NOT_ASK}
    assert sum(n for _, _, n in found.look.leaked) == len(hidden) > 0
    assert found.look.shown == SLOTS


def test_what_is_shown_to_somebody_without_settings_breaks_no_promise() -> None:
    shown = ShownUnasked("ada", NOWHERE, FOR_YOU, NOW, [a_candidate()])

    assert look_at_unasked(shown, feed_rules()) is None


def test_a_request_decided_by_the_rules_that_stand_leaks_nothing() -> None:
    assert causes(a_request(random.Random(3), fetched=50)) == set()


def test_a_post_that_somebody_rejected_leaks_even_where_they_have_set_nothing_else() -> None:
    rules = feed_rules(version=Version(1, 2), rejected_items=("c0",))
    request = a_request(random.Random(5), fetched=1, rules=STALE)

    again = look_again(request, rules)
    unasked = look_at_unasked(ShownUnasked("ada", NOWHERE, FOR_YOU, NOW, request.candidates), rules)
    assert again
    assert unasked
    leaked = ((Control.NOT_INTERESTED, Cause.STALE_RULES, 1),)
    assert again.look == PanelLook(1, leaked=leaked)
    assert unasked.look == PanelLook(1, leaked=((Control.NOT_INTERESTED, Cause.DID_NOT_ASK, 1),))
    adopters = sums(a_request(random.Random(5), fetched=1, rules=rules))
    assert adopters[Measure.ADOPTERS, Control.NOT_INTERESTED] == 1
