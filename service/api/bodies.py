"""Bodies of the decision calls: typed in, typed out, as JSON or msgpack."""

import re
from typing import Final, Generic, TypeVar

import msgspec
from flask import Response, request
from werkzeug.exceptions import BadRequest, ClientDisconnected, UnsupportedMediaType

from service.domain.refusals import InvalidValue, LimitReached, Refusal

T = TypeVar("T")

JSON: Final = "application/json"
MSGPACK: Final = "application/msgpack"
_TOO_LONG: Final = re.compile(r"Expected `array` of length <= (\d+)")
_PLACE: Final = re.compile(r" - at `(?:key` in `)?\$\.?([^`]*)`$")
_MEMBER: Final = re.compile(r"^Object (?:missing required|contains unknown) field `([^`]*)`")
_json = msgspec.json.Encoder()
_msgpack = msgspec.msgpack.Encoder()


class TypedBody(Generic[T]):
    """Reads one kind of request body; its decoders are built once, because building one costs more than a call."""

    def __init__(self, kind: type[T]) -> None:
        self._json = msgspec.json.Decoder(kind)
        self._msgpack = msgspec.msgpack.Decoder(kind)

    def read(self) -> T:
        """Return the body of this request.

        415 for another media type, 400 for bytes that are not of the type they claim, 422 naming the member
        that cannot be used.
        """
        kind = request.mimetype
        if kind not in {JSON, MSGPACK}:
            raise UnsupportedMediaType(f"Send {JSON} or {MSGPACK}.")
        return self.decode(_sent(), kind)

    def decode(self, data: bytes | msgspec.Raw, kind: str) -> T:
        """Return what bytes of a media type say; refuse as ``read`` does."""
        try:
            return self._decoded(data, kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            raise BadRequest(f"The body is not {kind}.") from wrong

    def _decoded(self, data: bytes | msgspec.Raw, kind: str) -> T:
        try:
            return self._json.decode(data) if kind == JSON else self._msgpack.decode(data)
        except msgspec.ValidationError as wrong:
            raise _refusal(wrong, data, kind) from wrong


def _sent() -> bytes:
    """Return the body of this request, which nobody has read yet if its length is known.

    In one piece from the server: werkzeug puts it together from two and copies it twice, 40 µs for 115 KB.
    """
    length = request.content_length
    if length is None:
        return request.get_data()
    body: bytes = request.environ["wsgi.input"].read(length)
    if len(body) < length:
        raise ClientDisconnected
    return body


def bytes_sent() -> int:
    """Return what the body of this request weighs; one that came in chunks, without a length, was kept when bounded."""
    return request.content_length or len(request.get_data())


def answer(body: msgspec.Struct) -> Response:
    """Answer in the type the caller prefers, JSON where it does not say."""
    accepted = request.headers.get("Accept")
    if accepted in {JSON, MSGPACK}:  # as services send it; taking a list of preferences apart costs 50 µs
        best = accepted
    else:
        best = request.accept_mimetypes.best_match([JSON, MSGPACK], default=JSON)
    encoder = _msgpack if best == MSGPACK else _json
    return Response(encoder.encode(body), content_type=best)


def _refusal(wrong: msgspec.ValidationError, data: bytes | msgspec.Raw, kind: str) -> Refusal:
    """Return what to answer; raise as decoders do where something behind the wrong member is broken as well."""
    message = str(wrong)
    place, member = _PLACE.search(message), _MEMBER.match(message)
    name = ".".join(part[1] for part in (place, member) if part and part[1]) or "body"
    too_long = _TOO_LONG.match(message)
    if too_long and "[" not in name:
        plain = msgspec.json.decode(data) if kind == JSON else msgspec.msgpack.decode(data)
        limit, current = int(too_long[1]), _length_of(name, plain)
        if current > limit:  # fewer, where the member stands there twice
            return LimitReached(name, limit=limit, current=current)
    return InvalidValue(name, _PLACE.sub("", message))


def _length_of(name: str, plain: object) -> int:
    """Return how long the list of that name is; 0 where something else goes by it."""
    for member in name.split("."):
        plain = plain.get(member) if isinstance(plain, dict) else None
    return len(plain) if isinstance(plain, list) else 0
