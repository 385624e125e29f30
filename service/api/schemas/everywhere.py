"""Fields and shapes that every noun uses."""

from collections.abc import Callable, Mapping, Sized
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import marshmallow as ma
import msgspec
from marshmallow import fields, validate
from marshmallow.exceptions import SCHEMA

from service.api.parts import parts
from service.domain.expiry import PRESETS, is_live
from service.domain.expiry import Instant as TimeWithOffset
from service.domain.paging import LARGEST_PAGE, Position, read_cursor
from service.domain.people import ID_LENGTH, is_plain
from service.domain.refusals import InvalidItem, LimitReached, require_few

T = TypeVar("T")

_LONGEST_TERM_CHARACTERS: Final = 1_024
LONGEST_PLACE: Final = 1_024
"""Where a list goes on, in base64: an id, whose 128 characters may take four bytes each, and what it stands beside."""
PLAIN: Final = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
"""Plain text as the contract says it; broken surrogates have no place in a pattern, nor in JSON."""


class Schema(ma.Schema):
    """A closed shape: members it does not know are refused, and members stay in the order of the contract."""

    error_messages = {"type": "Not an object."}  # noqa: RUF012  as the base class declares it

    class Meta:
        """Refuse what the contract does not name."""

        unknown = ma.RAISE


class AtMost:
    """Refuses more of something than there may be: as every limit does, with how many there can be."""

    def __init__(self, limit: int, what: str) -> None:
        self._limit, self._what = limit, what

    def __call__(self, value: Sized) -> None:
        """Raise ``LimitReached`` where there is too much."""
        require_few(self._what, value, self._limit)


class Few(fields.List[T]):
    """A list whose length is judged before anything in it is read, which for 10,000 items takes half a second."""

    def __init__(self, item: fields.Field[T], *, most: int, what: str, **kwargs: Any) -> None:
        """Take up to ``most`` items, which are counted as ``what``."""
        super().__init__(item, metadata={"maxItems": most, **kwargs.pop("metadata", {})}, **kwargs)
        self._require_few = AtMost(most, what)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            self._require_few(value)
        return super()._deserialize(value, *args, **kwargs)


class Text(fields.String):
    """One line of text: no control characters, no broken surrogates, of bounded length."""

    def __init__(
        self,
        *,
        longest: int = _LONGEST_TERM_CHARACTERS,
        shortest: int = 0,
        what: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Take up to ``longest`` characters; where they are counted as ``what``, more is a limit that is reached."""
        metadata = {"pattern": PLAIN, **kwargs.pop("metadata", {})}
        bounded: list[Any] = [validate.Length(min=shortest or None, max=None if what else longest)]
        if what:
            metadata["maxLength"] = longest
            bounded.append(AtMost(longest, what))
        super().__init__(validate=[*bounded, _require_plain], metadata=metadata, **kwargs)


class Id(Text):
    """An opaque id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(shortest=1, longest=ID_LENGTH, **kwargs)


class Switch(fields.Boolean):
    """On or off, as JSON says it: 1 and 0, which Python takes for the same, are numbers."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Flag(fields.Boolean):
    """Whether something is asked for in a query; where it is left out it is not."""

    def __init__(self) -> None:
        super().__init__(load_default=False, truthy={"true", "1"}, falsy={"false", "0"})


class Instant(fields.AwareDateTime):
    """A time with its offset, read from RFC 3339 as decision calls read it, and always written in UTC."""

    default_error_messages = {  # noqa: RUF012  as the base class declares it
        "invalid": "Not an RFC 3339 time with its offset, such as 2026-12-24T18:00:00Z."
    }

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        try:
            instant: datetime = msgspec.convert(value, TimeWithOffset)
            return instant.astimezone(UTC)
        except (msgspec.ValidationError, OverflowError) as wrong:
            raise self.make_error("invalid") from wrong


def by_name(messages: Mapping[Any, object], *, whole: str) -> dict[str, Any]:
    """Return what is wrong with members under names that JSON has; places in a list come as numbers.

    What is wrong with all of an object stands under its own name, which nobody but the caller of this knows of the
    outermost: ``whole``.
    """
    return {whole if name == SCHEMA else str(name): _told(value) for name, value in messages.items()}


def _told(wrong: object) -> object:
    if not isinstance(wrong, Mapping):
        return wrong
    return wrong[SCHEMA] if wrong.keys() == {SCHEMA} else by_name(wrong, whole="object")


class RefusalSchema(Schema):
    """Why one of many was refused; the code is one of the published table."""

    code = fields.String()
    detail = fields.String()
    errors = fields.Dict(keys=fields.String(), attribute="facts.errors", allow_none=True, dump_default=None)
    limit = fields.Integer(attribute="facts.limit", allow_none=True, dump_default=None)
    current = fields.Integer(attribute="facts.current", allow_none=True, dump_default=None)
    retry_after_seconds = fields.Integer(
        attribute="facts.retry_after_seconds", allow_none=True, dump_default=None
    )


class OneOfMany(fields.Nested):
    """One item of a batch: where it cannot be read, a refusal stands in its place and the others go on."""

    def deserialize(self, *args: Any, **kwargs: Any) -> Any:
        """Return the item, or why it is none."""
        try:
            return super().deserialize(*args, **kwargs)
        except ma.ValidationError as wrong:
            told = wrong.messages if isinstance(wrong.messages, dict) else {SCHEMA: wrong.messages}
            return InvalidItem(by_name(told, whole="item"))
        except LimitReached as full:
            return full


class IdOfMany(Id):
    """One id of a batch, in whose place a refusal stands where it cannot be read."""

    def deserialize(self, *args: Any, **kwargs: Any) -> Any:
        """Return the id, or why it is none."""
        try:
            return super().deserialize(*args, **kwargs)
        except ma.ValidationError as wrong:
            return InvalidItem({"id": wrong.messages})


class Liveness(fields.Boolean):
    """Whether something that ends at its ``expires_at`` still holds."""

    _CHECK_ATTRIBUTE = False

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> bool:
        del value, attr
        return is_live(ma.utils.get_value(obj, "expires_at"), parts().now())


def _require_plain(value: str) -> bool:
    if not is_plain(value):
        raise ma.ValidationError("Has control characters or broken surrogates.")
    return True


def as_members(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return loaded members as frozen values hold them: lists as tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


class PageQuery(Schema):
    """Which part of a list the caller wants."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))
    cursor = Text(load_default=None, longest=LONGEST_PLACE)

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[int, Position | None]:
        """Return the limit and the position to continue after."""
        return data["limit"], read_cursor(data["cursor"])


def require_one_ending(data: Mapping[str, Any]) -> None:
    """Refuse an instant and a preset together."""
    if "expires_at" in data and "expires_in" in data:
        raise ma.ValidationError("Send expires_at or expires_in, not both.", "expires_in")


def ending(data: Mapping[str, Any], now: Callable[[], datetime]) -> datetime | None:
    """Return when something ends as the caller said it, counting presets from ``now``."""
    if "expires_in" not in data:
        end: datetime | None = data.get("expires_at")
        return end
    length: timedelta | None = PRESETS[data["expires_in"]]
    return None if length is None else now() + length


def left_open(data: Mapping[str, Any], *members: str) -> frozenset[str]:
    """Return which of these members a caller did not name, a preset being as good as an end."""
    return frozenset(members) - {"expires_at" if name == "expires_in" else name for name in data}


def page_of(item: type[Schema]) -> type[Schema]:
    """Return the shape of a page of something."""
    name = item.__name__.removesuffix("Schema") + "PageSchema"
    members: dict[str, fields.Field[Any]] = {
        "items": fields.List(fields.Nested(item)),
        "next_cursor": fields.String(allow_none=True),
    }
    page: type[Schema] = Schema.from_dict(members, name=name)  # type: ignore[assignment]
    page.__doc__ = "A page, newest first; `next_cursor` continues after it."
    return page
