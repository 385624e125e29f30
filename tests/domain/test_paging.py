"""Lists page by page: our own cursors lead on, anybody else's are refused."""

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.paging import Position, page_of, read_cursor
from service.domain.refusals import InvalidValue
from tests.builders import NOW

IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=128)


def cursor_after(position: Position) -> str:
    """Return the cursor of a page that ends at a position."""
    cursor = page_of([position, position], 1, lambda each: each).next_cursor
    assert cursor is not None
    return cursor


def encoded(text: str) -> str:
    """Return what a cursor looks like from outside."""
    return base64.urlsafe_b64encode(text.encode()).decode()


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=30))])), IDS)
def test_a_cursor_leads_back_to_where_the_page_ended(made: datetime, item_id: str) -> None:
    position = Position(made, item_id)

    assert read_cursor(cursor_after(position)) == position


def test_the_first_page_needs_no_cursor() -> None:
    assert read_cursor(None) is None


@pytest.mark.parametrize(
    ("items", "limit", "shown", "goes_on"), [(0, 2, 0, False), (2, 2, 2, False), (3, 2, 2, True)]
)
def test_a_page_goes_on_where_there_is_one_item_more(
    items: int, limit: int, shown: int, *, goes_on: bool
) -> None:
    page = page_of(range(items), limit, lambda item: Position(NOW, str(item)))

    assert (len(page.items), page.next_cursor is not None) == (shown, goes_on)


@given(st.lists(st.integers(), unique=True, max_size=30), st.integers(1, 7))
def test_page_after_page_gives_every_item_once_and_in_order(items: list[int], limit: int) -> None:
    seen: list[int] = []
    after: Position | None = None
    for _ in range(len(items) + 1):
        start = items.index(int(after.id)) + 1 if after else 0
        page = page_of(items[start : start + limit + 1], limit, lambda item: Position(NOW, str(item)))
        seen += page.items
        after = read_cursor(page.next_cursor)
        if after is None:
            break

    assert seen == items


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "x",
        "not base64 at all!",
        "\ud800",
        "é",
        encoded("2026-11-22T12:00:00+00:00"),
        encoded("2026-11-22T12:00:00 naive"),
        encoded("yesterday id"),
        encoded("2026-13-22T12:00:00+00:00 id"),
        encoded("2026-11-22T12:00:00+00:00 a\0b"),
        encoded("20261122T120000Z id"),
        base64.urlsafe_b64encode(b"2026-11-22T12:00:00+00:00 \xff").decode(),
        cursor_after(Position(NOW, "id"))[:-1],
        "\n" + cursor_after(Position(NOW, "id")),
        cursor_after(Position(NOW, "id")) + "!",
        cursor_after(Position(NOW, "id")) * 2,
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(hostile: str) -> None:
    with pytest.raises(InvalidValue):
        read_cursor(hostile)


@given(st.text())
def test_no_text_passes_for_a_cursor_or_breaks_the_reader(text: str) -> None:
    with pytest.raises(InvalidValue):
        read_cursor(text)
