"""What feed rules look like in Redis: a head that scripts can read, then packed msgpack.

==========  =====  =====================================================================
bytes       type   what
==========  =====  =====================================================================
0           u8     codec version
1           u8     kind: 1 rules, 2 tombstone
2 … 9       u64    epoch       (big-endian, as all numbers here)
10 … 17     u64    number; with the epoch, the version that scripts compare
18 … 19     u16    matcher version
20 … 27     bytes  BLAKE2b of all the rest, 8 bytes
28 …        bytes  the rules, deflated: a msgpack array, their owner's whole id first
==========  =====  =====================================================================

Deflating halves what a viewer costs in Redis (3 filters and 20 blocks: 1,120 to 670 bytes, key included) and adds
a third to the time of decoding, which only the first request of a worker after a change pays.

Bytes are believed only if everything about them is as we would have written it; anything else is a miss.
"""

import struct
import zlib
from enum import IntEnum, StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

from service.domain.consistency import Version
from service.domain.feed_rules import FeedRules
from service.domain.matching import MATCHER_VERSION
from service.domain.people import UserId

CODEC_VERSION: Final = 4
HEAD_LENGTH: Final = 28

_HEAD: Final = struct.Struct(">BBQQH")
_VERSION: Final = struct.Struct(">QQ")
_SUM_LENGTH: Final = HEAD_LENGTH - _HEAD.size
_FASTEST: Final = 1
_BARE: Final = -15  # deflate without zlib's own head and checksum

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(FeedRules)


class Entry(IntEnum):
    """What stands in a user's place."""

    RULES = 1
    TOMBSTONE = 2


class Flaw(StrEnum):
    """Why bytes are not believed."""

    CUT = "cut"
    CODEC = "codec"
    KIND = "kind"
    CHECKSUM = "checksum"
    MATCHER = "matcher"
    CONTENT = "content"
    OWNER = "owner"


class UnbelievableEntry(Exception):  # noqa: N818 - a statement, like every refusal
    """Bytes from the cache are not what this version of the service wrote for this user."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


def encode_rules(rules: FeedRules) -> bytes:
    """Return the entry that holds a user's rules."""
    content = zlib.compress(_encoder.encode(rules), _FASTEST, _BARE)
    return _sealed(Entry.RULES, rules.version, content)


def encode_tombstone(version: Version) -> bytes:
    """Return the entry that holds nothing and says that nothing older than ``version`` may stand there."""
    return _sealed(Entry.TOMBSTONE, version, b"")


def encode_version(version: Version) -> bytes:
    """Return a version as it stands in the head."""
    return _VERSION.pack(*version)


def decode_rules(entry: bytes, owner: UserId) -> FeedRules | None:
    """Return the rules in an entry, None for a tombstone; raise ``UnbelievableEntry`` for anything else."""
    kind, version = _unsealed(entry)
    if kind == Entry.TOMBSTONE:
        return None
    try:
        rules = _decoder.decode(zlib.decompress(memoryview(entry)[HEAD_LENGTH:], _BARE))
    except (zlib.error, msgspec.DecodeError, ValueError):
        raise UnbelievableEntry(Flaw.CONTENT) from None
    if rules.version != version:
        raise UnbelievableEntry(Flaw.CONTENT)
    if rules.user_id != owner:
        raise UnbelievableEntry(Flaw.OWNER)
    return rules


def _sealed(kind: Entry, version: Version, content: bytes) -> bytes:
    head = _HEAD.pack(CODEC_VERSION, kind, *version, MATCHER_VERSION)
    return head + _checksum(head, content) + content


def _unsealed(entry: bytes) -> tuple[Entry, Version]:
    if not entry or len(entry) < HEAD_LENGTH:
        raise UnbelievableEntry(Flaw.CUT)
    codec, kind, epoch, number, matcher = _HEAD.unpack_from(entry)
    if codec != CODEC_VERSION:
        raise UnbelievableEntry(Flaw.CODEC)
    if _checksum(entry[: _HEAD.size], memoryview(entry)[HEAD_LENGTH:]) != entry[_HEAD.size : HEAD_LENGTH]:
        raise UnbelievableEntry(Flaw.CHECKSUM)
    if kind not in (Entry.RULES, Entry.TOMBSTONE):
        raise UnbelievableEntry(Flaw.KIND)
    if matcher != MATCHER_VERSION:
        raise UnbelievableEntry(Flaw.MATCHER)
    return Entry(kind), Version(epoch, number)


def _checksum(head: bytes, content: bytes | memoryview) -> bytes:
    """Return eight bytes that a flipped bit, or another user's entry, has one chance in 2^64 to share."""
    summed = blake2b(head, digest_size=_SUM_LENGTH)
    summed.update(content)
    return summed.digest()
