"""Many rows are written in few statements, none of which takes long."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event

from service.store.rows import A_FEW, AT_ONCE
from service.store.settings import PostgresSettings
from tests.builders import NOW, a_block, a_mute


def test_many_blocks_and_mutes_are_kept_in_place_of_what_stood_there(
    engine: Engine, settings: PostgresSettings
) -> None:
    people = [f"troll {number}" for number in range(AT_ONCE + A_FEW + 1)]
    ends = {each: NOW + timedelta(days=1) if place % 2 else None for place, each in enumerate(people)}
    with settings.edit("ada", felt_by=people[:1]) as editing:
        editing.blocks.put(a_block(target_id=people[0], note="before"))
    sent: list[tuple[str, int]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(*call: Any) -> None:
        statement, parameters, is_many = call[2], call[3], call[5]
        if "INSERT INTO blo" in statement or "INSERT INTO mutes" in statement:
            sent.append((statement.split()[2], len(parameters) if is_many else 1))

    with settings.edit("ada", felt_by=people) as editing:
        editing.blocks.put(*(a_block(target_id=each, expires_at=ends[each]) for each in people))
        editing.mutes.put(*(a_mute(id=each, expires_at=ends[each]) for each in people))

    rules = settings.feed_rules("ada")
    assert rules.blocks == ends
    assert {each.id: each.expires_at for each in rules.mutes} == ends
    assert settings.feed_rules(people[-1]).blocked_by == {"ada": ends[people[-1]]}
    with settings.read("ada") as reading:
        assert reading.blocks.find(people[0])[people[0]].note is None
    assert sent == [
        *[("blocks", 1)] * 2,
        *[("blocked_by", 1)] * 2,
        *[("mutes", AT_ONCE), ("mutes", A_FEW + 1)],
    ]
