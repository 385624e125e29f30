"""What is worked out of characters is remembered, and never more than there is room for."""

from itertools import count
from unittest.mock import patch

from service.domain.matching import characters
from service.domain.matching.characters import Remembered


def test_a_character_is_worked_out_once() -> None:
    numbers = count()
    upper = Remembered(lambda character: f"{character.upper()}{next(numbers)}")

    assert [*map(upper.__getitem__, "abab")] == ["A0", "B1", "A0", "B1"]


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    codes = Remembered(ord)

    with patch.object(characters, "_MOST", 10):
        found = [*map(codes.__getitem__, map(chr, range(1_000)))]

    assert found == [*range(1_000)]
    assert len(codes) <= 10
