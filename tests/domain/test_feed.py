"""Candidates as they arrive, and what reasons add up to."""

from itertools import permutations
from typing import Any

import msgspec
import pytest

from service.domain.feed import Candidate, Decision, Outcome, Reason, ReasonCode, decision_from

HIDE = Reason(code=ReasonCode.MUTE_USER, outcome=Outcome.HIDE)
WARN = Reason(code=ReasonCode.KEYWORD_FILTER, outcome=Outcome.WARN)
HALF = Reason(code=ReasonCode.NOT_INTERESTED_TOPIC, outcome=Outcome.DOWNRANK, multiplier=0.5)
FIFTH = Reason(code=ReasonCode.NOT_INTERESTED_AUTHOR, outcome=Outcome.DOWNRANK, multiplier=0.2)


def test_without_a_reason_a_candidate_is_kept() -> None:
    assert decision_from("post", []) == Decision("post", Outcome.KEEP, 1.0, ())


@pytest.mark.parametrize("reasons", list(permutations([HIDE, WARN, HALF, FIFTH])))
def test_reasons_come_strongest_first_in_whatever_order_they_were_found(reasons: tuple[Reason, ...]) -> None:
    decision = decision_from("post", list(reasons))

    assert (decision.outcome, decision.reasons) == (Outcome.HIDE, (HIDE, WARN, FIFTH, HALF))
    assert decision.multiplier == pytest.approx(0.1)


def test_outcomes_go_from_all_to_nothing() -> None:
    assert list(Outcome) == ["keep", "downrank", "blur", "warn", "hide", "unverified"]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"id": "p"},
        {"author_id": "a"},
        {"id": "", "author_id": "a"},
        {"id": "p" * 129, "author_id": "a"},
        {"id": "p", "author_id": "a", "captoin": "x"},
        {"id": "p", "author_id": "a", "caption": None},
        {"id": "p", "author_id": "a", "hashtags": "cats"},
        {"id": "p", "author_id": "a", "mentions": [""]},
        {"id": "p", "author_id": "a", "quoted": {"text": "x"}},
        {"id": "p", "author_id": "a", "quoted": {"author_id": "b", "txet": "x"}},
        {"id": 1, "author_id": "a"},
    ],
)
def test_a_candidate_with_a_slip_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(members, Candidate)


def test_of_a_candidate_only_id_and_author_are_needed() -> None:
    assert msgspec.convert({"id": "p", "author_id": "a"}, Candidate) == Candidate(id="p", author_id="a")
