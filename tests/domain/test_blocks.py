"""Blocks: how many there may be, and of whom."""

import pytest

from service.domain.blocks import BLOCKS_PER_USER, NewBlock, Source, require_room_for_block
from service.domain.people import CannotTargetYourself, require_somebody_else
from service.domain.refusals import LimitReached


def test_the_limit_on_blocks_says_where_it_stands() -> None:
    require_room_for_block(BLOCKS_PER_USER - 1)
    with pytest.raises(LimitReached) as refused:
        require_room_for_block(BLOCKS_PER_USER)

    assert refused.value.facts == {"limit": 10_000, "current": 10_001}


def test_nobody_blocks_themself() -> None:
    require_somebody_else("ann", "Ann")
    with pytest.raises(CannotTargetYourself):
        require_somebody_else("ann", "ann")


def test_a_block_is_for_good_and_by_hand_unless_told_otherwise() -> None:
    assert NewBlock("troll") == NewBlock("troll", note=None, expires_at=None, source=Source.MANUAL)
