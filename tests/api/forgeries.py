"""Tokens that must never be accepted, each named by what is wrong with it."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.api.identity import (
    NOW,
    PUBLISHED,
    SigningKey,
    a_key,
    a_key_set,
    a_token,
    claims,
    encoded,
    header,
    unsigned_token,
)

T = int(NOW.timestamp())


@cache
def forgeries() -> dict[str, str]:
    """Return Authorization headers by the name of the fault."""
    bearers = {**_keys_and_algorithms(), **_signatures(), **_headers(), **_claims(), **_payloads()}
    return {**{name: f"Bearer {token}" for name, token in bearers.items()}, **dict(_credentials())}


def _signed_as(head: dict[str, Any], signature: bytes) -> str:
    return f"{unsigned_token(claims(), head)}.{encoded(signature)}"


def _hmac(secret: bytes, **changes: Any) -> str:
    unsigned = unsigned_token(claims(), header(alg="HS256", **changes))
    signature = jwt.get_algorithm_by_name("HS256").sign(unsigned.encode(), secret)
    return f"{unsigned}.{encoded(signature)}"


def _by(key: SigningKey, algorithm: str | None = None, **changes: Any) -> str:
    """Sign with a key under a header that says something else about it."""
    head = header(**{"alg": algorithm or key.algorithm, **changes})
    unsigned = unsigned_token(claims(), head)
    return f"{unsigned}.{encoded(key.sign(unsigned.encode(), algorithm))}"


def _keys_and_algorithms() -> dict[str, str]:
    es, rs, ps = a_key(), a_key("rs", "RS256"), a_key("ps", "PS256")
    stranger, strange_rsa = a_key("stranger"), a_key("stranger", "RS256")
    everything = a_key_set(*(a_key(*each) for each in PUBLISHED))
    genuine = a_token().rpartition(".")[2]
    return {
        "alg none, no signature": f"{unsigned_token(claims(), header(alg='none'))}.",
        "alg none, some signature": f"{unsigned_token(claims(), header(alg='none'))}.{genuine}",
        "alg None in another spelling": f"{unsigned_token(claims(), header(alg='nOnE'))}.{genuine}",
        "alg missing": a_token(head=header(alg=...)),
        "alg in lower case": a_token(head=header(alg="es256")),
        "alg a list": a_token(head=header(alg=["ES256"])),
        "alg a number": a_token(head=header(alg=256)),
        "alg null": a_token(head=header(alg=None)),
        "HS256 keyed with the public RSA key": _hmac(rs.public_pem, kid="rs"),
        "HS256 keyed with the public EC key": _hmac(es.public_pem),
        "HS256 keyed with the published x": _hmac(es.jwk["x"].encode()),
        "HS256 keyed with the whole key set": _hmac(everything),
        "HS256 keyed with the key id": _hmac(b"es"),
        "another EC key under our key id": _by(stranger),
        "another RSA key under our RSA key id": _by(strange_rsa, kid="rs"),
        "another Ed25519 key under our key id": _by(a_key("stranger", "EdDSA"), kid="ed"),
        "an RSA key under our EC key id": _by(strange_rsa, kid="es"),
        "an EC key under our RSA key id": _by(stranger, kid="rs"),
        "a P-384 key under our P-256 key id": _by(a_key("stranger", "ES384")),
        "our RS256 key used for PS256": _by(rs, "PS256", kid="rs"),
        "our PS256 key used for RS256": _by(ps, "RS256", kid="ps"),
        "our RS256 key used for RS512": _by(rs, "RS512", kid="rs"),
        "our key's signature under another alg": a_token(head=header(alg="EdDSA")),
    }


def _signatures() -> dict[str, str]:
    good = a_token()
    signed, _, signature = good.rpartition(".")
    raw = jwt.utils.base64url_decode(signature)
    head, _, _ = signed.partition(".")
    other = a_token(claims(sub="eve"))
    private: ec.EllipticCurvePrivateKey = a_key().private
    der = private.sign(signed.encode(), ec.ECDSA(SHA256()))
    return {
        "signature of zeros": _signed_as(header(), bytes(64)),
        "signature cut by a byte": f"{signed}.{encoded(raw[:-1])}",
        "signature one byte longer": f"{signed}.{encoded(raw + bytes(1))}",
        "signature with one bit flipped": f"{signed}.{encoded(raw[:-1] + bytes([raw[-1] ^ 1]))}",
        "signature halves exchanged": f"{signed}.{encoded(raw[32:] + raw[:32])}",
        "signature in DER": f"{signed}.{encoded(der)}",
        "signature an empty DER sequence": f"{signed}.{encoded(encode_dss_signature(0, 0))}",
        "signature of another token": f"{signed}.{other.rpartition('.')[2]}",
        "signature padded": f"{good}==",
        "signature spelled with unused bits": good[:-1] + _next_letter(good[-1]),
        "payload of another token": f"{head}.{other.split('.')[1]}.{signature}",
        "payload edited": f"{head}.{encoded(claims(sub='mallory'))}.{signature}",
        "scope added": f"{head}.{encoded(claims(scope='settings settings:admin'))}.{signature}",
        "header edited": f"{encoded(header(typ='JWT'))}.{signed.partition('.')[2]}.{signature}",
    }


def _next_letter(letter: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(letter) ^ 1]


def _headers() -> dict[str, str]:
    stranger = a_key("stranger")
    wanted = {
        "key url of a stranger": a_token(
            head=header(stranger, jku="https://evil.example/jwks"), key=stranger
        ),
        "embedded key of a stranger": a_token(head=header(stranger, jwk=stranger.jwk), key=stranger),
        "embedded key under our key id": a_token(head=header(jwk=stranger.jwk), key=stranger),
        "not JSON": a_token(head=b"ES256"),
        "a list": a_token(head=b'["ES256"]'),
        "null": a_token(head=b"null"),
        "not UTF-8": a_token(head=b'{"alg":"ES256","kid":"es","typ":"\xff"}'),
        "nested without end": a_token(head=b'{"x":' + b"[" * 2_000),
    }
    changed: dict[str, dict[str, Any]] = {
        "key url, signed with our key": {"jku": "https://evil.example/jwks"},
        "embedded key, signed with our key": {"jwk": a_key().jwk},
        "certificate url": {"x5u": "https://evil.example/cert"},
        "certificate chain": {"x5c": ["MIIB"]},
        "critical extension": {"crit": ["exp"], "exp": T + 60},
        "critical extension, empty": {"crit": []},
        "critical extension b64": {"crit": ["b64"], "b64": True},
        "compression": {"zip": "DEF"},
        "no key id": {"kid": ...},
        "unknown key id": {"kid": "nobody"},
        "empty key id": {"kid": ""},
        "key id a number": {"kid": 1},
        "key id a list": {"kid": ["es"]},
        "key id null": {"kid": None},
        "key id a path": {"kid": "../../../../dev/null"},
        "key id an injection": {"kid": "es' OR '1'='1"},
        "no type": {"typ": ...},
        "type of an ID token": {"typ": "id+jwt"},
        "type of a logout token": {"typ": "logout+jwt"},
        "type of a security event": {"typ": "secevent+jwt"},
        "type a number": {"typ": 1},
    }
    return {
        **{f"header {name}": token for name, token in wanted.items()},
        **{f"header {name}": a_token(head=header(**change)) for name, change in changed.items()},
        "header detached payload": _detached(),
    }


def _detached() -> str:
    head = encoded(header(crit=["b64"], b64=False))
    signature = a_key().sign(f"{head}.".encode() + json.dumps(claims()).encode())
    return f"{head}..{encoded(signature)}"


def _claims() -> dict[str, str]:
    changed: dict[str, dict[str, Any]] = {
        "issuer missing": {"iss": ...},
        "issuer null": {"iss": None},
        "issuer another": {"iss": "https://evil.example"},
        "issuer with a slash more": {"iss": "https://id.example/"},
        "issuer with ours as its beginning": {"iss": "https://id.example.evil.example"},
        "issuer in capitals": {"iss": "HTTPS://ID.EXAMPLE"},
        "issuer a list with ours": {"iss": ["https://id.example"]},
        "audience missing": {"aud": ...},
        "audience null": {"aud": None},
        "audience another": {"aud": "payments"},
        "audience empty": {"aud": ""},
        "audience with ours as its beginning": {"aud": "safety-controls-staging"},
        "audience ours with a space": {"aud": "safety-controls "},
        "audience a list without ours": {"aud": ["payments", "safety-controls-staging"]},
        "audience an empty list": {"aud": []},
        "audience a list of lists": {"aud": [["safety-controls"]]},
        "audience an object": {"aud": {"safety-controls": 1}},
        "expiry missing": {"exp": ...},
        "expiry null": {"exp": None},
        "expiry passed": {"exp": T - 31},
        "expiry a year ago": {"exp": T - 31_536_000},
        "expiry negative": {"exp": -1},
        "expiry a text": {"exp": str(T + 60)},
        "expiry true": {"exp": True},
        "expiry not a number": {"exp": float("nan")},
        "expiry infinite": {"exp": float("inf")},
        "expiry a list": {"exp": [T + 60]},
        "issued in the future": {"iat": T + 31},
        "issued at a text": {"iat": str(T)},
        "issued at null": {"iat": None},
        "not before the future": {"nbf": T + 31},
        "not before a text": {"nbf": str(T)},
        "subject missing": {"sub": ...},
        "subject null": {"sub": None},
        "subject empty": {"sub": ""},
        "subject too long": {"sub": "a" * 129},
        "subject a number": {"sub": 1},
        "subject a list": {"sub": ["alice"]},
        "subject with a line break": {"sub": "alice\nbob"},
        "subject with NUL": {"sub": "alice\0"},
        "subject with an escape sequence": {"sub": "\x1b[31malice"},
        "subject with half a character": {"sub": "alice\ud800"},
        "scope a list": {"scope": ["settings"]},
        "scope null": {"scope": None},
    }
    return {name: a_token(claims(**change)) for name, change in changed.items()}


def _payloads() -> dict[str, str]:
    payloads = {
        "not JSON": b"alice",
        "empty": b"",
        "a list": b"[]",
        "null": b"null",
        "an object in a text": json.dumps(json.dumps(claims())).encode(),
        "with bytes after it": json.dumps(claims()).encode() + b"{}",
        "not UTF-8": b'{"sub":"\xff"}',
        "nested without end": b'{"x":' + b"[" * 2_000,
        "with a number beyond all": json.dumps(claims()).encode()[:-1] + b',"exp":1e999}',
    }
    return {f"payload {name}": a_token(payload) for name, payload in payloads.items()}


def _credentials() -> Iterator[tuple[str, str]]:
    good = a_token()
    head, payload, signature = good.split(".")
    yield "scheme alone", "Bearer"
    yield "scheme and nothing", "Bearer "
    yield "scheme basic", f"Basic {good}"
    yield "scheme missing", good
    yield "scheme twice", f"Bearer Bearer {good}"
    yield "two headers in one", f"Bearer {good}, Bearer {good}"
    yield "space inside", f"Bearer {head} .{payload}.{signature}"
    yield "line break after", f"Bearer {good}\n"
    yield "space after", f"Bearer {good} "
    yield "quoted", f'Bearer "{good}"'
    yield "one part", f"Bearer {head}"
    yield "two parts", f"Bearer {head}.{payload}"
    yield "four parts", f"Bearer {good}.{signature}"
    yield "five parts, as if encrypted", f"Bearer {good}.{head}.{head}"
    yield "empty parts", "Bearer .."
    yield "as JSON", "Bearer " + json.dumps({"protected": head, "payload": payload, "signature": signature})
    yield "letters of another script", f"Bearer {head}.{payload}.\u0430{signature[1:]}"
    yield "far too long", f"Bearer {a_token(claims(pad='x' * 10_000))}"
    yield "standard base64", f"Bearer {head}.{payload}.{'+/' * 43}"
