"""Every verdict of the tables, and that the tables are worth having."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from service.domain.matching import Hit, Matcher, Mode, Term, Text, UnmatchableTerm, normalise
from tests.domain.matching.verdicts import Verdict, read_verdicts

VERDICTS = read_verdicts()


@pytest.mark.parametrize("row", [row for _, row in VERDICTS], ids=[name for name, _ in VERDICTS])
def test_a_term_hits_what_a_person_means(row: Verdict) -> None:
    if row.refused:
        with pytest.raises(UnmatchableTerm):
            row.hits()
        return

    hits = row.hits()

    assert bool(hits) is row.hit, row.why
    assert all(hit.evasion == row.evasion for hit in hits if row.evasion), row.why
    if row.says is not None:
        assert [row.text[hit.start : hit.end] for hit in hits] == [row.says], row.why


def test_the_tables_tell_both_sides_of_more_than_150_cases_with_reasons() -> None:
    assert len(VERDICTS) > 200
    assert sum(row.hit is False for _, row in VERDICTS) > 60
    assert all(row.why for _, row in VERDICTS)
    assert all(row.refused or row.hit is not None for _, row in VERDICTS)


def without_boundaries(row: Verdict) -> list[Hit]:
    return Matcher([Term(row.term.strip("*"), Mode.SUBSTRING)], row.allow).hits(
        [[Text(row.field, row.text)]]
    )[0]


def by_spaces_alone(row: Verdict) -> list[Hit]:
    words = row.text.casefold().split()
    return intact(row) if set(row.term.casefold().split()) <= set(words) else []


def without_allow_phrases(row: Verdict) -> list[Hit]:
    return intact(replace(row, allow=()))


def whole_text_allowed(row: Verdict) -> list[Hit]:
    return [] if any(phrase in row.text.casefold() for phrase in row.allow) else intact(row)


def as_written(row: Verdict) -> list[Hit]:
    return intact(row) if row.term in row.text else []


def never_in_disguise(row: Verdict) -> list[Hit]:
    return [hit for hit in intact(row) if not hit.evasion]


def at_folded_offsets(row: Verdict) -> list[Hit]:
    return [
        hit._replace(end=hit.start + len(normalise(row.text[hit.start : hit.end]))) for hit in intact(row)
    ]


intact = Verdict.hits


@pytest.mark.parametrize(
    "broken",
    [
        without_boundaries,
        by_spaces_alone,
        without_allow_phrases,
        whole_text_allowed,
        as_written,
        never_in_disguise,
        at_folded_offsets,
    ],
)
def test_the_tables_catch_a_matcher_that_goes_wrong(
    broken: Callable[[Verdict], list[Hit]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Verdict, "hits", broken)

    with pytest.raises(AssertionError):
        judge_all()


def judge_all() -> None:
    for _, row in VERDICTS:
        if not row.refused:
            test_a_term_hits_what_a_person_means(row)
