"""Consistency tokens as they travel: sealed, and good for one user only."""

import base64
import binascii
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from service.domain.consistency import Head, UnreadableToken, Version
from service.domain.people import UserId

_PURPOSE: Final = b"consistency-token/1"
_PACKED: Final = struct.Struct(">QQ")
_LONGEST: Final = 64


class ConsistencyTokens:
    """Makes and reads consistency tokens.

    Encrypted, not merely signed: the version also counts blocks by others, which its owner must not see. AES-SIV
    needs no nonce, so that equal versions give equal tokens.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def token(self, head: Head) -> str:
        """Return the token that stands for ``head``."""
        sealed = self._cipher.encrypt(_PACKED.pack(*head.version), [_PURPOSE, head.user_id.encode()])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def version(self, user_id: UserId, token: str | None) -> Version | None:
        """Return the version that a token of this user stands for; raise UnreadableToken for any other text."""
        if token is None:
            return None
        if len(token) > _LONGEST:
            raise UnreadableToken
        try:
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            opened = self._cipher.decrypt(sealed, [_PURPOSE, user_id.encode()])
            return Version(*_PACKED.unpack(opened))
        except (ValueError, binascii.Error, InvalidTag, struct.error) as wrong:
            raise UnreadableToken from wrong
