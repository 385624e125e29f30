"""Where patterns end in a text, however they overlap."""

from service.domain.matching.finder import Finder


def test_places_are_told_in_the_order_of_their_ends() -> None:
    finder = Finder(["ab", "京"])

    assert finder.places("東京 abab") == [(1, 1, 2), (0, 3, 5), (0, 5, 7)]


def test_patterns_that_end_alike_are_read_off_to_the_left() -> None:
    finder = Finder(["b", "ab", "cab"])

    assert finder.ending(0, "cab", 3) == ["b", "ab", "cab"]
    assert finder.ending(0, "xb", 2) == ["b"]
    assert sorted(finder.under(0)) == ["ab", "b", "cab"]
