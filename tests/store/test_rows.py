"""Many rows are written in few statements, none of which takes long."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from service.domain.blocks import Unblock
from service.domain.changes import BEGINNING
from service.domain.comment_limits import PostLimits
from service.domain.mutes import MuteType
from service.domain.refusals import InvalidValue
from service.domain.topic_preferences import TopicPreference
from service.store.rows import A_FEW, AT_ONCE
from service.store.settings import PostgresSettings
from tests.builders import NOW, a_block, a_keyword_filter, a_mute, a_signal


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
    assert sent == [*[("blocks", 1)] * 2, *[("blocked_by", 1)] * 2, *[("mutes", 1)] * 2]


def test_rows_with_lists_of_any_length_are_read_as_they_were_kept(settings: PostgresSettings) -> None:
    odd = 'a"b\\c, {d} ж😀\u2028'
    kept = [
        a_signal(id=f"{odd}{number}", hashtags=(odd,) * (number % 3), topics=("tea",) * (number % 2))
        for number in range(A_FEW + 1)
    ]

    unblocked = [
        Unblock(f"{number}", NOW, (NOW - timedelta(microseconds=1),) * (number % 3))
        for number in range(A_FEW + 1)
    ]

    with settings.edit("ada") as editing:
        editing.signals.put(*kept)
        editing.blocks.note_unblocks(*unblocked)

    with settings.read("ada") as reading:
        assert reading.signals.find(*(each.id for each in kept)) == {each.id: each for each in kept}
        found = reading.blocks.find_unblocks(*(each.target_id for each in unblocked))
    assert found == {each.target_id: each for each in unblocked}


@pytest.mark.parametrize("many", [1, A_FEW + 1])
@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_a_text_that_cannot_be_kept_is_refused_however_many_come_with_it(
    settings: PostgresSettings, many: int, text: str
) -> None:
    with pytest.raises(InvalidValue, match="cannot be kept"), settings.edit("ada") as editing:
        editing.mutes.put(*(a_mute(id=f"{text}{number}") for number in range(many)))


def test_many_settings_are_removed_at_once(engine: Engine, settings: PostgresSettings) -> None:
    names = [f"thing {number}" for number in range(3)]
    muted = [a_mute(type=kind, id=name) for name in names for kind in (MuteType.TOPIC, MuteType.SOUND)]
    with settings.edit("ada") as editing:
        for name in names:
            editing.keyword_filters.put(a_keyword_filter(filter_id=name))
            editing.topic_preferences.put(TopicPreference(name, 1, NOW, 1))
            editing.post_limits.put(name, PostLimits(revision=1))
        editing.signals.put(*(a_signal(id=name) for name in names))
        editing.mutes.put(*muted)
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

    with settings.edit("ada") as editing:
        removed = [
            editing.keyword_filters.remove(*names),
            editing.topic_preferences.remove(*names),
            editing.post_limits.remove(*names),
            editing.signals.remove(*names),
            editing.mutes.remove(*(each.target for each in muted)),
        ]

    assert removed == [True] * 5
    assert sum("DELETE FROM" in each for each in statements) == 6  # mutes are of two types
    with settings.read("ada") as reading:
        changes = reading.changes.since(BEGINNING, 100)
    assert len(changes) == 4 * len(names) + len(muted)
    assert not any(each.setting for each in changes)
