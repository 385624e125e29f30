"""Where posts are shown."""

import pytest

from service.domain.refusals import InvalidValue
from service.domain.surfaces import SURFACES, require_known_surface


@pytest.mark.parametrize("name", ["for_you", "following", "live", "search", "profile", "comments"])
def test_a_surface_is_known_by_its_name(name: str) -> None:
    assert require_known_surface(name).name == name


@pytest.mark.parametrize("name", ["", "For_You", "for_you ", "discover"])
def test_a_surface_that_nobody_registered_is_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(InvalidValue, match="for_you, following") as refused:
        require_known_surface(name, "surfaces")

    assert refused.value.facts["errors"].keys() == {"surfaces"}  # type: ignore[attr-defined]


def test_only_what_the_platform_picks_heeds_rejections_and_only_a_profile_is_a_visit() -> None:
    assert {name for name, surface in SURFACES.items() if surface.recommends} == {"for_you", "live"}
    assert {name for name, surface in SURFACES.items() if surface.visited} == {"profile"}
