"""Where patterns end in texts, however they overlap and however much was read before."""

from service.domain.matching.finder import Finder, encoded

TEXTS = ["abab", "", "xbab", "東京 ab"]


def test_places_are_told_by_text_whatever_stands_before_it() -> None:
    finder = Finder(["ab", "京"])

    assert finder.places([encoded(text) for text in TEXTS]) == {
        0: [(0, 2), (0, 4)],
        2: [(0, 4)],
        3: [(1, 6), (0, 9)],
    }


def test_places_are_told_however_much_is_read() -> None:
    finder = Finder(["ab", "b", "bab"])
    keys = [encoded(text) for text in TEXTS * 10_000]

    found = finder.places(keys)

    assert found.keys() == {number for number in range(len(keys)) if TEXTS[number % 4]}
    assert found[39_998] == found[2]


def test_patterns_that_end_alike_are_read_off_to_the_left() -> None:
    finder = Finder(["b", "ab", "cab"])

    assert finder.ending(0, "cab", 3) == ["b", "ab", "cab"]
    assert finder.ending(0, "xb", 2) == ["b"]
    assert sorted(finder.under(0)) == ["ab", "b", "cab"]
