"""Closing a day takes seconds, also where PostgreSQL does not know yet how much that day brought."""

from datetime import date

import pytest
from sqlalchemy import Connection, Engine, TextClause, text

from service.store.closing import AT_ONCE
from service.store.insights import CELLS_PER_PERSON, PEOPLE, PEOPLE_OF_A_DAY

DAY = date(2026, 11, 2)


def plan_of(connection: Connection, query: TextClause) -> str:
    asked = {"measure": "makers", "first": DAY, "last": DAY, "most": CELLS_PER_PERSON}
    return "\n".join(connection.execute(text(f"EXPLAIN {query.text}"), asked).scalars())


@pytest.mark.parametrize("query", [PEOPLE_OF_A_DAY, PEOPLE])
def test_people_are_never_told_apart_one_by_one(engine: Engine, query: TextClause) -> None:
    with engine.begin() as connection:
        assert "Nested Loop" in plan_of(connection, query), "what an empty table suggests"
        connection.execute(AT_ONCE)
        assert "Nested Loop" not in plan_of(connection, query)
