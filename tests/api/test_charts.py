"""Charts leave out nothing that is told of, and cover nothing up."""

from datetime import date, timedelta

from service.api.pages.charts import Reading, line_chart, stack_chart

MONDAY = date(2026, 11, 2)


def test_notes_of_one_window_stand_below_each_other() -> None:
    days = [MONDAY + timedelta(days=7 * week) for week in range(3)]
    chart = line_chart(
        "now", [Reading(day, 1.0) for day in days], notes=[(1, days[1]), (2, days[1]), (3, days[2])]
    )

    assert [note.number for note in chart.notes] == [1, 2, 3]
    assert len({(note.x, note.y) for note in chart.notes}) == 3
    assert chart.notes[0].x == chart.notes[1].x


def test_a_part_that_is_withheld_leaves_its_place_to_none() -> None:
    days = [MONDAY, MONDAY + timedelta(days=7)]
    chart = stack_chart(
        [
            ("stale", [Reading(days[0], 1.0), Reading(days[1], 2.0)]),
            ("late", [Reading(days[0], None), Reading(days[1], 3.0)]),
        ]
    )

    assert [(piece.name, piece.day, piece.text) for piece in chart.pieces] == [
        ("stale", "2026-11-02", "1"),
        ("stale", "2026-11-09", "2"),
        ("late", "2026-11-09", "3"),
    ]
