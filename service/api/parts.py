"""What the views work with, found through the app that runs them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app

from service.api.auth import caller
from service.api.consistency import ConsistencyTokens
from service.domain.people import UserId
from service.usecases.ports import Parts

EXTENSION = "safety-controls"


@dataclass(frozen=True, slots=True)
class ApiParts:
    """The stories' parts, and what HTTP adds: tokens, checks of what must answer, and metrics as text."""

    stories: Parts
    tokens: ConsistencyTokens
    is_ready: Mapping[str, Callable[[], bool]]
    render_metrics: Callable[[], tuple[bytes, str]]


def api_parts() -> ApiParts:
    """Return the parts of the app that handles this request."""
    return cast("ApiParts", current_app.extensions[EXTENSION])


def parts() -> Parts:
    """Return what the stories work with."""
    return api_parts().stories


def user_id() -> UserId:
    """Return whose settings this request is about: the caller's own, whatever else it says."""
    return caller().subject
