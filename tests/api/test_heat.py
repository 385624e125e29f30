"""Heat tables: where numbers stand, and how strong their ground is."""

from service.api.pages.heat import heat_table


def test_the_largest_number_has_the_strongest_ground_and_nobody_has_none() -> None:
    table = heat_table(
        {("ja", "gossip"): 40.0, ("ja", "diets"): 0.0, ("de", "gossip"): 8.1, ("de", "diets"): 4.0}
    )
    assert table

    grounds = {
        (row, column): cell.level
        for row, cells in table.rows
        for column, cell in zip(table.columns, cells, strict=True)
    }
    assert grounds == {("ja", "gossip"): 5, ("ja", "diets"): 0, ("de", "gossip"): 2, ("de", "diets"): 1}


def test_the_busiest_columns_come_first_and_rows_as_they_are_told() -> None:
    table = heat_table({("ja", "diets"): 1.0, ("de", "gossip"): 7.0, ("ar", "gossip"): 2.0}, ["ja", "de"])
    assert table

    assert table.columns == ("gossip", "diets")
    assert [row for row, _ in table.rows] == ["ja", "de", "ar"]


def test_what_is_withheld_has_no_number_and_a_line_of_it_is_left_out() -> None:
    table = heat_table({("ja", "diets"): 1.0, ("ja", "gossip"): None, ("ne", "diets"): None})
    assert table
    assert [(row, [cell.text for cell in cells]) for row, cells in table.rows] == [("ja", ["1"])]

    assert heat_table({("ja", "diets"): None}) is None
