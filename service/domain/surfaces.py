"""Where posts are shown, and what differs from place to place."""

from dataclasses import dataclass
from typing import Final

from service.domain.refusals import InvalidValue


@dataclass(frozen=True, slots=True)
class Surface:
    """A place where posts are shown.

    ``recommends``: the platform picks what stands here, so that a rejected item must not come back.
    ``threads``: posts and their replies stand below one another, so that what is wrong with a quote covers the quote
    alone. ``visited``: people come here on purpose, so that what they filter or mute is announced, not hidden.
    """

    name: str
    recommends: bool = False
    visited: bool = False
    threads: bool = False


SURFACES: Final = {
    surface.name: surface
    for surface in (
        Surface("for_you", recommends=True),
        Surface("following"),
        Surface("live", recommends=True),
        Surface("search"),
        Surface("profile", visited=True),
        Surface("comments", threads=True),
    )
}


def require_known_surface(name: str, field: str = "surface") -> Surface:
    """Return the surface of that name; refuse a name that nobody registered."""
    surface = SURFACES.get(name)
    if surface is None:
        raise InvalidValue(field, f"{name!r} is not a surface; known are {', '.join(SURFACES)}")
    return surface
