"""Every row of the decision tables in tests/scenarios, and the reader that must not let a slip pass."""

from pathlib import Path

import msgspec
import pytest

from tests.domain.judging import judge
from tests.domain.scenarios import BadTable, ExpectedReason, Scenario, read_file, read_tables


@pytest.mark.parametrize("scenario", read_tables(), ids=str)
def test_the_table_is_right(scenario: Scenario) -> None:
    verdict = judge(scenario)

    story = f"{scenario.place}: {scenario.name}. {scenario.why}"
    assert verdict.outcome == scenario.expect, story
    assert verdict.quote == scenario.quote, story
    assert [each.code for each in verdict.reasons] == [each.code for each in scenario.expected_reasons], story
    for found, expected in zip(verdict.reasons, scenario.expected_reasons, strict=True):
        assert _as_far_as_told(found, expected) == expected, story
    if scenario.multiplier is not None:
        assert verdict.multiplier == pytest.approx(scenario.multiplier, abs=0.001), story


def _as_far_as_told(found: ExpectedReason, expected: ExpectedReason) -> ExpectedReason:
    """Forget what the table does not tell about a reason."""
    untold = {name: None for name in expected.__struct_fields__ if getattr(expected, name) is None}
    return msgspec.structs.replace(found, **untold)


def test_there_are_tables_for_all_four_controls() -> None:
    files = {scenario.place.partition(".yaml")[0] for scenario in read_tables()}

    assert files >= {
        "feed_keyword_filters",
        "feed_blocks",
        "feed_mutes",
        "feed_not_interested",
        "comments_new",
    }


ROWS = """
- table: a table
  rules: [KF-01]
  given: {settings: {keyword_filters: [{terms: [spoiler]}]}}
  rows:
    - {name: one, candidate: {caption: a spoiler}, expect: hide, reasons: [keyword_filter]}
    - {name: two, expect: keep}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "feed_test.yaml"
    file.write_text(text, "utf-8")
    return file


def test_a_table_without_a_slip_is_read(tmp_path: Path) -> None:
    rows = read_file(written(tmp_path, ROWS))

    assert [str(row) for row in rows] == ["KF_01 one", "KF_01 two"]
    assert [row.place for row in rows] == ["feed_test.yaml:6", "feed_test.yaml:7"]


@pytest.mark.parametrize(
    ("right", "slip", "complaint"),
    [
        ("rules: [KF-01]", "rules: [KF-18]", "no rule of the product"),
        ("rules: [KF-01]", "rules: []", "no rule of the product"),
        ("rules: [KF-01]", "rule: [KF-01]", "rule"),
        ("expect: keep", "expected: keep", "expected"),
        ("expect: keep", "expect: kept", "expect is one of"),
        ("expect: keep", "expect: keep, expect: hide", "not a new name"),
        ("expect: keep", "expect: keep, at: tomorrow", "no time such as"),
        ("expect: keep", "expect: keep, surface: nowhere", "no surface"),
        ("expect: keep", "expect: keep, comment: {text: a}", "looks at no"),
        ("expect: keep", "expect: keep, candidate: {author_id: ann}", "nobody of"),
        ("expect: keep", "expect: keep, candidate: {mentions: [ann]}", "nobody of"),
        ("expect: keep", "expect: keep, candidate: {captoin: a}", "captoin"),
        ("expect: keep", "expect: keep, settings: {mutes: [{type: user, id: ann}]}", "nobody of"),
        ("expect: keep", "expect: downrank", "has a multiplier"),
        ("expect: keep", "expect: hide", "has reasons"),
        ("name: two", "name: one", "stands at"),
        ("{terms: [spoiler]}", "{terms: [spoiler], mood: word}", "mood"),
        ("{terms: [spoiler]}", "{terms: [spoiler], mode: wrod}", "wrod"),
        ("{terms: [spoiler]}", "{terms: [a spoiler]}, {terms: [b spoiler]}", "ids of their own"),
        ("reasons: [keyword_filter]", "reasons: [{code: keyword_filter, setting_id: x}]", "no filter"),
        ("    - {name: two, expect: keep}\n", "", "ends alike"),
        ("- table: a table\n  rules", "- rules", "has a name"),
    ],
)
def test_a_slip_is_refused_with_its_place(right: str, slip: str, complaint: str, tmp_path: Path) -> None:
    assert ROWS.count(right) == 1

    with pytest.raises(BadTable, match=r"feed_test\.yaml") as refused:
        read_file(written(tmp_path, ROWS.replace(right, slip)))

    assert complaint in str(refused.value)


def test_a_row_that_is_wrong_fails(tmp_path: Path) -> None:
    wrong = ROWS.replace("expect: keep", "expect: hide, reasons: [keyword_filter]").replace(
        "a spoiler", "a sp"
    )

    with pytest.raises(BadTable):
        read_file(written(tmp_path, wrong))
    [row, _] = read_file(written(tmp_path, ROWS.replace("a spoiler", "a surprise")))
    with pytest.raises(AssertionError, match=r"feed_test\.yaml:6: one"):
        test_the_table_is_right(row)


def test_words_that_yaml_would_turn_into_something_else_stay_words(tmp_path: Path) -> None:
    text = ROWS.replace("[spoiler]", "[off, no, 2026-11-22]")
    [row, _] = read_file(written(tmp_path, text))

    assert row.settings.keyword_filters[0].terms == ("off", "no", "2026-11-22")
