"""Development's own identity provider: a key pair in the state folder, and tokens signed with it."""

import contextlib
import hashlib
import os
import uuid
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ISSUER = "https://safety-controls.localhost"
AUDIENCE = "safety-controls"

_ES256 = jwt.get_algorithm_by_name("ES256")


def ensure_keys(state: Path) -> Path:
    """Return the JWKS file of this state folder; the first call makes the key pair."""
    folder = state / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private, jwks = folder / "signing-key.pem", folder / "jwks.json"
    if not private.exists():
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        _write_once(private, pem)
    if not jwks.exists():
        _write_once(jwks, msgspec.json.encode({"keys": [_public_jwk(private.read_bytes())]}))
    return jwks


def make_token(state: Path, *, subject: str, scopes: Collection[str], lifetime: timedelta) -> str:
    """Return an access token in the shape of RFC 9068 that the service on this state folder accepts."""
    ensure_keys(state)
    pem = (state / "keys" / "signing-key.pem").read_bytes()
    now = datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "client_id": "dev",
        "scope": " ".join(sorted(scopes)),
        "iat": now,
        "exp": now + lifetime,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(
        claims, pem, algorithm="ES256", headers={"typ": "at+jwt", "kid": _public_jwk(pem)["kid"]}
    )


def _public_jwk(pem: bytes) -> dict[str, Any]:
    """Return the public half; its id is the thumbprint of RFC 7638, so that a key keeps its id."""
    private = _ES256.prepare_key(pem)
    public: dict[str, Any] = msgspec.json.decode(_ES256.to_jwk(private.public_key()))
    members = {name: public[name] for name in ("crv", "kty", "x", "y")}
    thumbprint = hashlib.sha256(msgspec.json.encode(members)).digest()
    return {**members, "kid": jwt.utils.base64url_encode(thumbprint).decode(), "alg": "ES256", "use": "sig"}


def _write_once(path: Path, content: bytes) -> None:
    """Let a file of mode 0600 appear whole; of two processes that try at once the first one's stays."""
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
