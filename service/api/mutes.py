"""Mutes over HTTP."""

from dataclasses import asdict
from typing import Any

from flask import Response

from service.api.answers import Answer, edited, gone
from service.api.auth import needs
from service.api.contract import TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.everywhere import PageQuery, ending, left_open
from service.api.schemas.mutes import KeptMuteSchema, MutePageSchema, NewMuteSchema
from service.domain.blocks import Source
from service.domain.mutes import ALL_SCOPES, Mute, MuteTarget, MuteType, NewMute, mute_target
from service.domain.paging import Page, Position
from service.domain.refusals import InvalidValue
from service.usecases.edit_mutes import mute, unmute
from service.usecases.read_settings import list_mutes

mutes = Rooms("mutes", __name__, url_prefix="/v1/me/mutes", description="One-way and secret.")


@mutes.get("")
@needs("settings")
@mutes.arguments(PageQuery, location="query")
@mutes.response(200, MutePageSchema)
def list_muted(page: tuple[int, Position | None]) -> Page[Mute]:
    """List what the caller muted, newest first."""
    return list_mutes(parts(), user_id(), *page)


@mutes.put("/<type>/<target_id>")
@needs("settings")
@mutes.arguments(NewMuteSchema, required=False)
@says(headers=(TOKEN,), refuses=("cannot-target-yourself", "cannot-target-platform", "limit-reached"))
@mutes.response(201, KeptMuteSchema)
@mutes.alt_response(200, schema=KeptMuteSchema, success=True)
def put_mute(wanted: dict[str, Any], type: str, target_id: str) -> Answer[dict[str, Any]]:  # noqa: A002
    """Mute something; repeated, it updates what the body names and answers with the earlier state too."""
    new = NewMute(
        _target(type, target_id),
        scopes=tuple(wanted.get("scopes", ALL_SCOPES)),
        note=wanted.get("note"),
        expires_at=ending(wanted, parts().now),
        source=wanted.get("source", Source.MANUAL),
        left_open=left_open(wanted, "scopes", "note", "expires_at", "source"),
    )
    done = mute(parts(), user_id(), new)
    return edited(done, asdict(done.value) | {"earlier": done.earlier, "target": done.value.target})


@mutes.delete("/<type>/<target_id>")
@needs("settings")
@says(headers=(TOKEN,))
@mutes.response(204)
def delete_mute(type: str, target_id: str) -> Response:  # noqa: A002
    """Unmute something; fine where nothing was muted."""
    return gone(unmute(parts(), user_id(), _target(type, target_id)))


def _target(kind: str, target_id: str) -> MuteTarget:
    try:
        return mute_target(MuteType(kind), target_id)
    except ValueError as wrong:
        raise InvalidValue("type", f"is one of {', '.join(MuteType)}") from wrong
