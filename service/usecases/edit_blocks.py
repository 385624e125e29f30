"""A user blocks and unblocks people, one at a time or many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from service.domain.blocks import (
    Block,
    NewBlock,
    Unblock,
    require_room_for_block,
    unblocked_at,
)
from service.domain.expiry import require_sensible_end
from service.domain.people import (
    UserId,
    require_no_guardian,
    require_private_account,
    require_somebody_else,
)
from service.domain.refusals import Refusal
from service.domain.segments import Control
from service.usecases.editing import Edited, editing
from service.usecases.noting import note_removed, note_saved, recently_rejected
from service.usecases.ports import Parts, SettingsEdit

T = TypeVar("T")


def block(parts: Parts, user_id: UserId, new: NewBlock) -> Edited[Block]:
    """Make two people invisible to each other, from the next decision on."""
    _require_sense(parts, user_id, new)
    with editing(parts, user_id, felt_by=[new.target_id]) as settings:
        earlier = settings.blocks.find(new.target_id).get(new.target_id)
        standing = settings.blocks.count() if earlier is None else 1
        if earlier is None:
            require_room_for_block(standing)
        kept = _kept(parts, settings, new, earlier)
        settings.blocks.put(kept)
        if earlier is None:
            escalates = new.target_id in recently_rejected(settings, parts.now())
            note_saved(parts, settings, Control.BLOCK, begins=not standing, escalates=escalates)
        return Edited(kept, settings.head, created=earlier is None, earlier=earlier)


def unblock(parts: Parts, user_id: UserId, target_id: UserId) -> Edited[None]:
    """Let two people see each other again; fine where there was no block."""
    with editing(parts, user_id, felt_by=[target_id]) as settings:
        kept = settings.blocks.find(target_id).get(target_id)
        if kept is None:
            settings.discard()
            return Edited(None, settings.head)
        before = settings.blocks.find_unblocks(target_id).get(target_id)
        settings.blocks.note_unblocks(unblocked_at(parts.now(), target_id, before))
        settings.blocks.remove(target_id)
        note_removed(parts, settings, Control.BLOCK, kept.created_at)
        return Edited(None, settings.head)


class BlockChange(StrEnum):
    """What became of one person in a batch."""

    BLOCKED = "blocked"
    UPDATED = "updated"
    UNBLOCKED = "unblocked"
    NOT_BLOCKED = "not_blocked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What became of one person in a batch, and why not where it was refused."""

    target_id: UserId | None
    status: BlockChange
    refusal: Refusal | None = None


def edit_blocks(
    parts: Parts, user_id: UserId, add: Sequence[NewBlock | Refusal], remove: Sequence[UserId | Refusal]
) -> Edited[tuple[BlockResult, ...]]:
    """Block many people, then unblock others, in one edit; one that is refused leaves the others alone.

    What the caller could not even read comes as a refusal, and goes back in its place.
    """
    named = [new.target_id for new in add if isinstance(new, NewBlock)]
    named += [each for each in remove if isinstance(each, str)]
    others = sorted({*named} - {user_id})
    with editing(parts, user_id, felt_by=others) as settings:
        changes = _Changes(parts, user_id, settings, others)
        results = [
            _tried(changes.block, new, new.target_id) if isinstance(new, NewBlock) else _unread(new)
            for new in add
        ]
        results += [
            _tried(changes.unblock, each, each) if isinstance(each, str) else _unread(each) for each in remove
        ]
        if not changes.keep():
            settings.discard()
        return Edited(tuple(results), settings.head)


class _Changes:
    """Blocks as they will be after a batch; one item at a time on paper, all together in the store."""

    def __init__(
        self, parts: Parts, user_id: UserId, settings: SettingsEdit, others: Sequence[UserId]
    ) -> None:
        self._parts, self._user_id, self._settings, self._now = parts, user_id, settings, parts.now()
        self._before = settings.blocks.find(*others)
        self._after = dict(self._before)
        self._count = settings.blocks.count()
        self._begins = not self._count
        self._unblocks = settings.blocks.find_unblocks(*others)
        self._noted: dict[UserId, Unblock] = {}

    def block(self, new: NewBlock) -> BlockChange:
        """Block somebody, or change how they are blocked."""
        _require_sense(self._parts, self._user_id, new)
        earlier = self._after.get(new.target_id)
        if earlier is None:
            require_room_for_block(self._count)
            self._count += 1
        self._after[new.target_id] = _kept(self._parts, self._settings, new, earlier)
        return BlockChange.UPDATED if earlier else BlockChange.BLOCKED

    def unblock(self, target_id: UserId) -> BlockChange:
        """Unblock somebody."""
        if target_id not in self._after:
            return BlockChange.NOT_BLOCKED
        before = self._noted.get(target_id) or self._unblocks.get(target_id)
        self._noted[target_id] = unblocked_at(self._now, target_id, before)
        del self._after[target_id]
        self._count -= 1
        return BlockChange.UNBLOCKED

    def keep(self) -> bool:
        """Write what differs from before; tell whether anything does."""
        changed = [each for each in self._after.values() if each is not self._before.get(each.target_id)]
        self._settings.blocks.put(*changed)
        self._settings.blocks.remove(*(self._before.keys() - self._after.keys()))
        self._settings.blocks.note_unblocks(*self._noted.values())
        self._count_changes()
        return bool(changed or self._noted)

    def _count_changes(self) -> None:
        """Let be counted who was blocked anew, and who was blocked before and is not any more."""
        made, ended = self._after.keys() - self._before.keys(), self._before.keys() - self._after.keys()
        rejected = recently_rejected(self._settings, self._now) if made else set()
        for person in sorted(made):
            note_saved(
                self._parts,
                self._settings,
                Control.BLOCK,
                begins=self._begins,
                escalates=person in rejected,
            )
        for person in sorted(ended):
            note_removed(self._parts, self._settings, Control.BLOCK, self._before[person].created_at)


def _tried(change: Callable[[T], BlockChange], asked: T, target_id: UserId) -> BlockResult:
    try:
        return BlockResult(target_id, change(asked))
    except Refusal as refusal:
        return BlockResult(target_id, BlockChange.REFUSED, refusal)


def _unread(refusal: Refusal) -> BlockResult:
    return BlockResult(None, BlockChange.REFUSED, refusal)


def _require_sense(parts: Parts, user_id: UserId, new: NewBlock) -> None:
    require_somebody_else(user_id, new.target_id)
    require_private_account(new.target_id, parts.platform_accounts)
    require_no_guardian(new.target_id, parts.guardians)
    require_sensible_end(new.expires_at, parts.now())


def _kept(parts: Parts, settings: SettingsEdit, asked: NewBlock, earlier: Block | None) -> Block:
    new = asked.over(earlier, parts.now()) if earlier else asked
    return Block(
        target_id=new.target_id,
        note=new.note,
        expires_at=new.expires_at,
        source=new.source,
        created_at=earlier.created_at if earlier else parts.now(),
        revision=settings.head.revision,
    )
