"""How long a setting lasts, to the microsecond."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.expiry import LONGEST, PRESETS, end_of, is_live, require_sensible_end
from service.domain.refusals import InvalidValue
from tests.builders import NOW

MICROSECOND = timedelta(microseconds=1)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS)
def test_a_setting_stops_applying_the_moment_it_expires(end: datetime) -> None:
    assert is_live(end, end - MICROSECOND)
    assert not is_live(end, end)
    assert not is_live(end, end + MICROSECOND)


@given(INSTANTS)
def test_a_setting_without_end_always_applies(now: datetime) -> None:
    assert is_live(None, now)


@given(INSTANTS, INSTANTS, INSTANTS)
def test_what_has_ended_never_applies_again(end: datetime, one: datetime, other: datetime) -> None:
    sooner, later = sorted([one, other])

    assert is_live(end, sooner) >= is_live(end, later)


@pytest.mark.parametrize(
    ("preset", "length"),
    [
        ("30m", timedelta(minutes=30)),
        ("1h", timedelta(hours=1)),
        ("6h", timedelta(hours=6)),
        ("12h", timedelta(hours=12)),
        ("1d", timedelta(days=1)),
        ("7d", timedelta(days=7)),
        ("30d", timedelta(days=30)),
    ],
)
def test_a_preset_counts_from_the_moment_it_is_chosen(preset: str, length: timedelta) -> None:
    assert end_of(preset, NOW) == NOW + length


def test_never_has_no_end() -> None:
    assert end_of("never", NOW) is None


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_sensible_end(preset: str) -> None:
    require_sensible_end(end_of(preset, NOW), NOW)


@pytest.mark.parametrize("end", [None, NOW + MICROSECOND, NOW + timedelta(days=365), NOW + LONGEST])
def test_an_end_within_a_year_is_accepted(end: datetime | None) -> None:
    require_sensible_end(end, NOW)


@pytest.mark.parametrize("end", [NOW, NOW - MICROSECOND, NOW + LONGEST + MICROSECOND])
def test_an_end_in_the_past_or_beyond_a_year_is_refused(end: datetime) -> None:
    with pytest.raises(InvalidValue) as refused:
        require_sensible_end(end, NOW)

    assert list(refused.value.facts["errors"]) == ["expires_at"]  # type: ignore[call-overload]
