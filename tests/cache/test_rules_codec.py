"""Bytes from Redis are believed only if they are what this service wrote for this user."""

import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cache import rules_codec
from service.cache.rules_codec import (
    HEAD_LENGTH,
    Flaw,
    UnbelievableEntry,
    decode_rules,
    encode_rules,
    encode_tombstone,
    encode_version,
)
from service.domain.comment_limits import (
    Audience,
    CommentLimits,
    Gates,
    HoldMode,
    LimitedAudience,
    LimitedMode,
    PostLimits,
)
from service.domain.consistency import Version
from service.domain.feed_rules import FeedRules, FilterRule, MuteRule
from service.domain.keyword_filters import Action, AuthorScope, Field, Op
from service.domain.matching import MATCHER_VERSION, Mode
from service.domain.mutes import MuteScope, MuteType
from service.domain.not_interested import Entity, Push

EPOCH = 1_790_000_000_000_000
ENDS = datetime(2026, 12, 1, 8, 30, 0, 123456, tzinfo=UTC)
FULL = FeedRules(
    user_id="viewer",
    version=Version(EPOCH, 7),
    revision=5,
    blocks={"7301": None, "7302": ENDS},
    blocked_by={"7303": None},
    mutes=(MuteRule(MuteType.USER, "7304", (MuteScope.POSTS,), ENDS),),
    filters=(
        FilterRule(
            id="kf_1",
            terms=("spoiler", "スポイラー"),
            op=Op.ANY,
            mode=Mode.WORD,
            strictness=None,
            fields=(Field.CAPTION, Field.HASHTAGS),
            surfaces=("for_you",),
            author_scope=AuthorScope(),
            action=Action.HIDE,
            expires_at=None,
        ),
    ),
    pushes=(Push(Entity.AUTHOR, "7305", ENDS, weak=True),),
    comment_limits=CommentLimits(
        (Audience.FRIENDS,),
        HoldMode.ALL,
        ("word",),
        3,
        gates=Gates(max_mentions=2),
        limited_mode=LimitedMode(LimitedAudience.NON_FOLLOWERS, ENDS, ENDS),
    ),
    post_limits={"7306": PostLimits(hold_mode=HoldMode.OFF, gates=Gates(no_links=True))},
    has_comment_history=True,
    allow_phrases=("spoiler alert",),
    rejected_items=("7306",),
    topic_levels={"pets": -2},
)
Decode = Callable[[bytes, str], FeedRules | None]


def flaw_of(entry: bytes, owner: str = "viewer") -> Flaw | None:
    try:
        decode_rules(entry, owner)
    except UnbelievableEntry as disbelief:
        return disbelief.flaw
    return None


def resealed(entry: bytes) -> bytes:
    """Give an entry that was tampered with the checksum it should have."""
    head, content = entry[:20], entry[HEAD_LENGTH:]
    return head + blake2b(head + content, digest_size=8).digest() + content


def unpacked(entry: bytes) -> bytes:
    return zlib.decompress(entry[HEAD_LENGTH:], -15)


def sealed(content: bytes) -> bytes:
    """Return an entry of any content, with everything around it in order."""
    return resealed(encode_rules(FULL)[:HEAD_LENGTH] + zlib.compress(content, 1, -15))


def mutated(entry: bytes, random: Random) -> bytes:
    """Return bytes that differ: bits flipped, a piece cut out, the end cut off, or something put in."""
    changed = bytearray(entry)
    place = random.randrange(len(changed))
    match random.randrange(4):
        case 0:
            for _ in range(random.randint(1, 3)):
                changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
        case 1:
            del changed[place : place + random.randint(1, 40)]
        case 2:
            del changed[place:]
        case _:
            changed[place:place] = random.randbytes(random.randint(1, 8))
    return bytes(changed)


def wrongly_believed(decode: Decode, count: int = 10_000) -> int:
    """Count mutated entries that a decoder makes anything of."""
    random, entry = Random(12), encode_rules(FULL)
    believed = 0
    for _ in range(count):
        changed = mutated(entry, random)
        try:
            believed += changed != entry and decode(changed, "viewer") is not None
        except (UnbelievableEntry, zlib.error, msgspec.DecodeError, ValueError):
            continue
    return believed


def test_rules_come_back_as_they_were() -> None:
    assert decode_rules(encode_rules(FULL), "viewer") == FULL


def test_a_tombstone_holds_nothing() -> None:
    assert decode_rules(encode_tombstone(Version(EPOCH, 7)), "viewer") is None


def test_scripts_find_the_version_at_its_place() -> None:
    assert encode_rules(FULL)[2:18] == encode_version(FULL.version) == struct.pack(">QQ", EPOCH, 7)
    assert encode_tombstone(FULL.version)[2:18] == encode_version(FULL.version)


def test_mutated_entries_are_never_believed() -> None:
    assert wrongly_believed(decode_rules) == 0


def test_a_codec_without_a_checksum_is_caught() -> None:
    def parse_and_hope(entry: bytes, owner: str) -> FeedRules:
        return msgspec.msgpack.decode(unpacked(entry), type=FeedRules)

    assert wrongly_believed(parse_and_hope) > 100


def test_every_single_flipped_bit_is_noticed() -> None:
    entry = encode_rules(FULL)
    for place in range(len(entry) * 8):
        changed = bytearray(entry)
        changed[place // 8] ^= 1 << place % 8

        assert flaw_of(bytes(changed)) is not None


@pytest.mark.parametrize("length", range(HEAD_LENGTH))
def test_an_entry_shorter_than_its_head_is_cut(length: int) -> None:
    assert flaw_of(encode_rules(FULL)[:length]) is Flaw.CUT


def test_the_rules_of_somebody_else_are_not_believed() -> None:
    assert flaw_of(encode_rules(FULL), "viewer2") is Flaw.OWNER


def test_a_future_codec_is_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_codec, "CODEC_VERSION", rules_codec.CODEC_VERSION + 1)
    entry = encode_rules(FULL)
    monkeypatch.undo()

    assert flaw_of(entry) is Flaw.CODEC


def test_a_new_matcher_makes_old_entries_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = encode_rules(FULL)
    monkeypatch.setattr(rules_codec, "MATCHER_VERSION", MATCHER_VERSION + 1)

    assert flaw_of(entry) is Flaw.MATCHER


def test_an_unknown_kind_is_a_miss() -> None:
    entry = encode_rules(FULL)

    assert flaw_of(resealed(entry[:1] + b"\x09" + entry[2:])) is Flaw.KIND


def test_a_head_of_another_version_is_a_miss() -> None:
    entry = encode_rules(FULL)

    assert flaw_of(resealed(entry[:2] + encode_version(Version(EPOCH, 8)) + entry[18:])) is Flaw.CONTENT


@given(st.binary(max_size=200))
def test_sealed_nonsense_is_a_miss(content: bytes) -> None:
    """Not even a bug that seals the wrong thing may become an error of the feed."""
    assert flaw_of(sealed(content)) is Flaw.CONTENT
    assert flaw_of(resealed(encode_rules(FULL)[:HEAD_LENGTH] + content)) is Flaw.CONTENT


@given(st.integers(min_value=0), st.integers(0, 255))
def test_sealed_rules_with_a_byte_changed_never_raise_anything_else(place: int, byte: int) -> None:
    changed = bytearray(unpacked(encode_rules(FULL)))
    changed[place % len(changed)] = byte

    assert flaw_of(sealed(bytes(changed))) in {None, Flaw.CONTENT, Flaw.OWNER}
