"""Bookmarks as they travel: sealed, and good for one user only."""

import base64
import binascii
from datetime import date
from typing import Final, TypeAlias

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from service.domain.changes import Bookmark, Place
from service.domain.people import UserId
from service.domain.refusals import InvalidValue

_PURPOSE: Final = b"bookmark/1"
_Kept: TypeAlias = tuple[int, int, int, str, str]


class Bookmarks:
    """Writes and reads bookmarks.

    Sealed, because the epoch says when a history began, which may have been somebody's block of its owner. The
    same bookmark is always written alike: it moves with the owner's own edits and the day, and with nothing else.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def write(self, user_id: UserId, bookmark: Bookmark) -> str:
        """Return the text that stands for a bookmark."""
        kept = msgspec.msgpack.encode((bookmark.epoch, bookmark.day.toordinal(), *bookmark.place))
        return base64.urlsafe_b64encode(self._cipher.encrypt(kept, [_PURPOSE, user_id.encode()])).decode()

    def read(self, user_id: UserId, written: str) -> Bookmark:
        """Return the bookmark that a text of ours stands for; refuse anything else."""
        try:
            sealed = base64.b64decode(written, altchars=b"-_", validate=True)
            kept = self._cipher.decrypt(sealed, [_PURPOSE, user_id.encode()])
        except (ValueError, binascii.Error, InvalidTag) as wrong:
            raise InvalidValue("since", "is not what an answer to this user called next") from wrong
        epoch, day, revision, kind, id_ = msgspec.msgpack.decode(kept, type=_Kept)
        return Bookmark(epoch, date.fromordinal(day), Place(revision, kind, id_))
