"""Every verdict of the tables, and that the tables are worth having."""

import pytest

from service.domain.matching import UnmatchableTerm
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
