"""Which rules show what a token promised."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.consistency import BEFORE_EVERYTHING, Version, is_covered

versions = st.builds(Version, st.integers(0, 2), st.integers(0, 4))


@given(versions)
def test_any_rules_do_for_somebody_without_a_token(held: Version) -> None:
    assert is_covered(None, held)


@given(versions)
def test_rules_show_the_very_edit_that_made_the_token(version: Version) -> None:
    assert is_covered(version, version)


@given(versions)
def test_rules_before_the_edit_do_not_show_it(held: Version) -> None:
    assert not is_covered(Version(held.epoch, held.number + 1), held)


@given(versions, st.integers(0, 4))
def test_rules_after_the_edit_still_show_it(wanted: Version, more: int) -> None:
    assert is_covered(wanted, Version(wanted.epoch, wanted.number + more))


@given(versions, versions)
def test_no_number_of_another_epoch_vouches_for_anything(wanted: Version, held: Version) -> None:
    if wanted.epoch != held.epoch:
        assert not is_covered(wanted, held)


@given(versions, versions, versions)
def test_what_covers_something_covers_all_that_it_covers(one: Version, two: Version, three: Version) -> None:
    if is_covered(one, two) and is_covered(two, three):
        assert is_covered(one, three)


@given(versions, versions)
def test_a_restart_of_history_is_newer_than_any_number_before_it(one: Version, other: Version) -> None:
    assert (one < other) == ((one.epoch, one.number) < (other.epoch, other.number))
    assert one >= BEFORE_EVERYTHING
