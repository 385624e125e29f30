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


def test_a_finder_that_was_used_much_finds_the_same() -> None:
    used, new = Finder(["ab", "b", "bab"]), Finder(["ab", "b", "bab"])
    small = used._automaton._automaton
    used.places([b"x" * 600_000, b"y" * 600_000])

    keys = [encoded(text) for text in TEXTS * 10_000]

    assert used._automaton._automaton is not small
    assert used.places(keys[:40]) == new.places(keys[:40])
    assert used.places(keys).keys() == {number for number in range(len(keys)) if TEXTS[number % 4]}


def test_a_finder_of_very_many_patterns_stays_small() -> None:
    finder = Finder([f"term {number}" for number in range(1_000)])
    small = finder._automaton._automaton
    finder.places([b"x" * 1_200_000])

    assert finder._automaton._automaton is small


def test_patterns_that_end_alike_are_read_off_to_the_left() -> None:
    finder = Finder(["b", "ab", "cab"])

    assert finder.ending(0, "cab", 3) == ["b", "ab", "cab"]
    assert finder.ending(0, "xb", 2) == ["b"]
    assert sorted(finder.under(0)) == ["ab", "b", "cab"]
