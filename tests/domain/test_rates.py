"""Intervals of shares end where shares do, and figures are written without what rounding leaves of them."""

import pytest

from service.domain.insight_units import number_text
from service.domain.rates import wilson_interval


@pytest.mark.parametrize("of", [10, 37_320, 1_234_560])
def test_nobody_and_everybody_are_ends_of_their_intervals(of: int) -> None:
    assert wilson_interval(0, of)[0] == 0.0
    assert wilson_interval(of, of)[1] == 1.0


def test_hits_that_rounding_left_above_the_whole_count_as_all() -> None:
    assert wilson_interval(110, 100) == wilson_interval(100, 100)


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (1e-17, "0"), (0.0099, "0.0099"), (120.0, "120"), (99.51, "99.51")]
)
def test_a_figure_is_written_with_the_digits_that_it_has(value: float, text: str) -> None:
    assert number_text(value) == text
