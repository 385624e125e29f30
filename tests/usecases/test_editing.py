"""The frame of every edit: what is cached is retired before the change is kept, and only if something changes."""

import pytest

from service.domain.consistency import BEFORE_EVERYTHING, Version
from service.domain.people import UserId
from service.domain.refusals import RevisionMismatch
from service.usecases.editing import editing, require_unchanged
from service.usecases.feed_rules import require_rules
from service.usecases.ports import StoreUnavailable
from tests.builders import a_block, a_keyword_filter, parts
from tests.fakes.rules import FakeRules
from tests.fakes.settings import FakeSettings


class WatchfulRules(FakeRules):
    """Looks at the store whenever something is retired: ``kept`` is the version that stood there."""

    def __init__(self, settings: FakeSettings) -> None:
        super().__init__()
        self.kept: list[Version] = []
        self._settings = settings

    def retire(self, user_id: UserId, version: Version) -> None:
        """Note what a loader would find right now."""
        self.kept.append(self._settings.feed_rules(user_id).version)
        super().retire(user_id, version)


def test_rules_are_retired_before_the_change_is_kept() -> None:
    settings = FakeSettings()
    rules = WatchfulRules(settings)

    with editing(parts(settings=settings, rules=rules), "ada", felt_by=["troll"]) as edit:
        edit.blocks.put(a_block(target_id="troll"))

    assert rules.kept == [BEFORE_EVERYTHING, BEFORE_EVERYTHING]
    assert settings.feed_rules("ada").version.number == 1


def test_whom_no_batch_can_name_is_retired_once_the_locks_are_gone() -> None:
    settings = FakeSettings()
    rules = WatchfulRules(settings)

    with editing(
        parts(settings=settings, rules=rules), "ada", felt_by=[f"troll {number}" for number in range(150)]
    ):
        pass

    assert [version is BEFORE_EVERYTHING for version in rules.kept] == [True] * 101 + [False] * 50
    assert {version for _, version in rules.retired} == {head.version for head in settings.announced}


def test_retiring_after_the_change_is_kept_would_be_noticed() -> None:
    settings = FakeSettings()
    rules = WatchfulRules(settings)

    with settings.edit("ada") as edit:
        edit.keyword_filters.put(a_keyword_filter())
    rules.retire("ada", edit.head.version)

    assert rules.kept != [BEFORE_EVERYTHING]


def test_everybody_who_feels_an_edit_is_retired_at_the_version_it_leads_to() -> None:
    settings, rules = FakeSettings(), FakeRules()

    with editing(parts(settings=settings, rules=rules), "ada", felt_by=["troll"]):
        pass

    assert rules.retired == [(each, settings.feed_rules(each).version) for each in ("ada", "troll")]
    assert [(head.user_id, head.version) for head in settings.announced] == rules.retired


def test_an_edit_that_is_discarded_retires_nothing() -> None:
    rules = FakeRules()

    with editing(parts(rules=rules), "ada", felt_by=["troll"]) as edit:
        edit.discard()

    assert rules.retired == []


def test_an_edit_that_fails_retires_and_keeps_nothing() -> None:
    settings, rules = FakeSettings(), FakeRules()

    def fail() -> None:
        with editing(parts(settings=settings, rules=rules), "ada") as edit:
            edit.keyword_filters.put(a_keyword_filter())
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert rules.retired == []
    assert settings.feed_rules("ada").filters == ()
    assert settings.announced == []


def test_nothing_is_retired_when_the_store_cannot_be_reached() -> None:
    settings, rules = FakeSettings(), FakeRules()
    settings.is_reachable = False

    with pytest.raises(StoreUnavailable), editing(parts(settings=settings, rules=rules), "ada"):
        pytest.fail("there is nothing to edit")

    assert rules.retired == []


def test_a_loader_that_began_before_an_edit_cannot_put_back_what_the_edit_took_out() -> None:
    settings, rules = FakeSettings(), FakeRules()
    around = parts(settings=settings, rules=rules)
    lease = rules.lease("ada")
    stale = require_rules(around, "ada", tuple).ready

    with editing(around, "ada") as edit:
        edit.keyword_filters.put(a_keyword_filter())
    assert lease
    rules.put(stale, lease)

    assert len(require_rules(around, "ada", tuple).ready.rules.filters) == 1


@pytest.mark.parametrize("expected", [None, {3}, {2, 3}])
def test_an_edit_goes_on_where_the_revision_is_one_that_was_expected(expected: set[int] | None) -> None:
    require_unchanged(a_keyword_filter(revision=3), expected)


@pytest.mark.parametrize("expected", [{2}, {4, 5}, set[int]()])
def test_an_edit_is_refused_where_it_is_not_and_says_how_things_stand(expected: set[int]) -> None:
    kept = a_keyword_filter(revision=3)

    with pytest.raises(RevisionMismatch) as refusal:
        require_unchanged(kept, expected)

    assert refusal.value.kept == kept
