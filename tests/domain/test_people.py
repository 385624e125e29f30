"""Ids of people: anything printable of a sensible length."""

import pytest

from service.domain.people import is_plain, require_id
from service.domain.refusals import InvalidValue


@pytest.mark.parametrize("plain", ["a", "x" * 128, "用户-1", "a b", "👩‍🚀", "a\u200db"])
def test_an_id_may_be_written_in_any_script(plain: str) -> None:
    assert require_id(plain, "user_id") == plain


@pytest.mark.parametrize("odd", ["", "x" * 129, "a\0b", "a\nb", "a\x1b[31m", "\ud800", "a\x7f"])
def test_an_id_that_could_break_a_row_a_key_or_a_log_line_is_refused(odd: str) -> None:
    with pytest.raises(InvalidValue, match="user_id"):
        require_id(odd, "user_id")


def test_an_empty_text_is_plain() -> None:
    assert is_plain("")
