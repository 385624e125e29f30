"""An identity provider for tests: keys of every kind, and tokens of every kind, good and bad."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode

from service.api.auth import Authenticator
from service.api.jwks import KeysById, usable_keys

ISSUER = "https://id.example"
AUDIENCE = "safety-controls"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

Json = Mapping[str, Any] | bytes


@dataclass(frozen=True)
class SigningKey:
    """A private key with the id and the algorithm that its public half is published under."""

    key_id: str
    algorithm: str
    private: Any = field(repr=False)

    @property
    def jwk(self) -> dict[str, Any]:
        """What the provider publishes."""
        public = jwt.get_algorithm_by_name(self.algorithm).to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.key_id, "alg": self.algorithm, "use": "sig"}

    @property
    def public_pem(self) -> bytes:
        """The public half as anybody can have it."""
        pem: bytes = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return pem

    def sign(self, message: bytes, algorithm: str | None = None) -> bytes:
        """Sign with this key, also under an algorithm it was not published for."""
        return jwt.get_algorithm_by_name(algorithm or self.algorithm).sign(message, self.private)


def a_key(key_id: str = "es", algorithm: str = "ES256") -> SigningKey:
    """Return the key of that name, always the same one within a test run."""
    return _made_once(key_id, algorithm)


@cache
def _made_once(key_id: str, algorithm: str) -> SigningKey:
    make: Any = {
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
        "PS256": lambda: rsa.generate_private_key(65537, 2048),
    }[algorithm]
    return SigningKey(key_id, algorithm, make())


PUBLISHED = [("es", "ES256"), ("ed", "EdDSA"), ("rs", "RS256"), ("ps", "PS256")]


def a_key_set(*keys: SigningKey) -> bytes:
    """Return a JWKS document."""
    return json.dumps({"keys": [key.jwk for key in keys]}).encode()


class FakeKeys:
    """Keys in memory; ``documents`` may be exchanged to rotate them."""

    def __init__(self, *keys: SigningKey) -> None:
        self.known: KeysById = usable_keys(a_key_set(*(keys or (a_key(*each) for each in PUBLISHED))))

    def find(self, key_id: str) -> Any:
        """Return the key of that id, if any."""
        return self.known.get(key_id)


class SteppedClock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def step(self, **duration: float) -> None:
        """Let time pass."""
        self.now += timedelta(**duration)


def an_authenticator(keys: Any = None, clock: SteppedClock | None = None) -> Authenticator:
    """Return the verifier of our tests' service."""
    return Authenticator(keys or FakeKeys(), issuer=ISSUER, audience=AUDIENCE, clock=clock or SteppedClock())


def claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of a good token, changed; a claim set to ``...`` is left out."""
    now = int(NOW.timestamp())
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "alice",
        "scope": "settings",
        "iat": now - 60,
        "exp": now + 3600,
    }
    return _without_ellipses({**good, **changes})


def header(key: SigningKey | None = None, **changes: Any) -> dict[str, Any]:
    """Return the header of a good token for that key, changed; a member set to ``...`` is left out."""
    key = key or a_key()
    return _without_ellipses({"typ": "at+jwt", "alg": key.algorithm, "kid": key.key_id, **changes})


def a_token(payload: Json | None = None, head: Json | None = None, key: SigningKey | None = None) -> str:
    """Return a token with a genuine signature over whatever stands in it."""
    key = key or a_key()
    unsigned = unsigned_token(claims() if payload is None else payload, header(key) if head is None else head)
    return f"{unsigned}.{encoded(key.sign(unsigned.encode()))}"


def unsigned_token(payload: Json, head: Json) -> str:
    """Return the part of a token that is signed."""
    return f"{encoded(head)}.{encoded(payload)}"


def encoded(part: Json) -> str:
    """Return a part of a token as it travels."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64url_encode(raw).decode()


def _without_ellipses(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ...}
