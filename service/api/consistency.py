"""Consistency tokens as they travel: sealed, and good for one user only."""

import base64
import binascii
import struct
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from service.api.randomness import some_random_bytes
from service.domain.consistency import Head, UnreadableToken, Version
from service.domain.people import UserId

_PURPOSE: Final = b"consistency-token/2"
_MARK: Final = b"etag/1"
_NONCE_BYTES: Final = 8
_PACKED: Final = struct.Struct(">QQ")
_LONGEST: Final = 64


class ConsistencyTokens:
    """Makes and reads consistency tokens.

    Encrypted, not merely signed: the version also counts blocks by others, which its owner must not see. No two
    tokens are equal, or one that changed without an edit of one's own would say the same. AES-SIV forgives a
    nonce that comes twice.
    """

    def __init__(self, key: bytes, *, new_nonce: Callable[[int], bytes] = some_random_bytes) -> None:
        self._cipher = AESSIV(key)
        self._key = key
        self._new_nonce = new_nonce

    def token(self, head: Head) -> str:
        """Return the token that stands for ``head``."""
        nonce = self._new_nonce(_NONCE_BYTES)
        sealed = self._cipher.encrypt(_PACKED.pack(*head.version), [_PURPOSE, head.user_id.encode(), nonce])
        return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def mark(self, *facts: object) -> str:
        """Return a text that is the same for the same facts, and that nobody can try guesses of them against."""
        keyed = blake2b(repr(facts).encode(), key=self._key, person=_MARK, digest_size=16)
        return keyed.hexdigest()

    def version(self, user_id: UserId, token: str | None) -> Version | None:
        """Return the version that a token of this user stands for; raise UnreadableToken for any other text."""
        if token is None:
            return None
        if len(token) > _LONGEST:
            raise UnreadableToken
        try:
            sent = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            nonce, sealed = sent[:_NONCE_BYTES], sent[_NONCE_BYTES:]
            opened = self._cipher.decrypt(sealed, [_PURPOSE, user_id.encode(), nonce])
            return Version(*_PACKED.unpack(opened))
        except (ValueError, binascii.Error, InvalidTag, struct.error) as wrong:
            raise UnreadableToken from wrong
