"""Blocks over HTTP. No route answers who blocked the caller."""

from dataclasses import asdict
from typing import Any

from flask import Response

from service.api.answers import Answer, edited, gone
from service.api.auth import needs
from service.api.contract import TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.blocks import (
    BlockBatchResultSchema,
    BlockBatchSchema,
    BlockPageSchema,
    KeptBlockSchema,
    NewBlockSchema,
)
from service.api.schemas.everywhere import PageQuery, ending, left_open
from service.domain.blocks import Block, NewBlock, Source
from service.domain.paging import Page, Position
from service.domain.people import UserId
from service.domain.refusals import Refusal
from service.usecases.edit_blocks import block, edit_blocks, unblock
from service.usecases.read_settings import list_blocks

blocks = Rooms("blocks", __name__, url_prefix="/v1/me/blocks", description="Mutual invisibility.")


@blocks.get("")
@needs("settings")
@blocks.arguments(PageQuery, location="query")
@blocks.response(200, BlockPageSchema)
def list_blocked(page: tuple[int, Position | None]) -> Page[Block]:
    """List whom the caller blocked, newest first."""
    return list_blocks(parts(), user_id(), *page)


@blocks.put("/<target_id>")
@needs("settings")
@blocks.arguments(NewBlockSchema, required=False)
@says(
    headers=(TOKEN,),
    refuses=(
        "cannot-target-yourself",
        "cannot-target-platform",
        "cannot-target-guardian",
        "limit-reached",
    ),
)
@blocks.response(201, KeptBlockSchema)
@blocks.alt_response(200, schema=KeptBlockSchema, success=True)
def put_block(wanted: dict[str, Any], target_id: str) -> Answer[dict[str, Any]]:
    """Block somebody; repeated, it updates what the body names and answers with the earlier state too."""
    done = block(parts(), user_id(), _new_block(target_id, wanted, Source.MANUAL))
    return edited(done, asdict(done.value) | {"earlier": done.earlier})


@blocks.delete("/<target_id>")
@needs("settings")
@says(headers=(TOKEN,), refuses=("too-often",))
@blocks.response(204)
def delete_block(target_id: str) -> Response:
    """Unblock somebody, one person at most three times in 24 hours; fine where there was no block."""
    return gone(unblock(parts(), user_id(), target_id))


@blocks.post("/batch")
@needs("settings")
@blocks.arguments(BlockBatchSchema)
@says(headers=(TOKEN,), refuses=("limit-reached",))
@blocks.response(200, BlockBatchResultSchema)
def change_blocks(asked: dict[str, list[Any]]) -> Answer[dict[str, Any]]:
    """Block and unblock many people in one edit; one that is refused leaves the others alone."""
    add = [
        each if isinstance(each, Refusal) else _new_block(each["user_id"], each, Source.BATCH)
        for each in asked["add"]
    ]
    done = edit_blocks(parts(), user_id(), add, asked["remove"])
    return edited(done, {"results": done.value, "revision": done.head.revision})


def _new_block(target_id: UserId, wanted: dict[str, Any], source: Source) -> NewBlock:
    return NewBlock(
        target_id,
        note=wanted.get("note"),
        expires_at=ending(wanted, parts().now),
        source=wanted.get("source", source),
        left_open=left_open(wanted, "note", "expires_at", "source"),
    )
