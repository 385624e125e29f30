"""Keyword filters on the wire."""

from dataclasses import replace
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.api.parts import parts
from service.api.schemas.everywhere import (
    Few,
    Id,
    Instant,
    Schema,
    Switch,
    Text,
    as_members,
    ending,
    page_of,
    require_one_ending,
)
from service.api.schemas.feed import CandidateField
from service.domain.expiry import PRESETS
from service.domain.feed import LARGEST_REQUEST
from service.domain.keyword_filters import (
    AUTHORS_PER_SCOPE,
    TERMS_PER_FILTER,
    TITLE_LENGTH,
    Action,
    AuthorScope,
    Field,
    FilterWording,
    KeywordFilter,
    NewKeywordFilter,
    Op,
    ScopeKind,
)
from service.domain.matching import Mode, Strictness
from service.domain.surfaces import SURFACES
from service.usecases.edit_keyword_filters import KeptFilter
from service.usecases.preview_keyword_filter import SAMPLES, Preview


class AuthorScopeSchema(Schema):
    """Whose posts a filter looks at."""

    kind = fields.Enum(ScopeKind, by_value=True, required=True)
    authors = Few(Id(), most=AUTHORS_PER_SCOPE, what="authors in one scope", load_default=list)

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> AuthorScope:
        """Return the value that stories take."""
        return AuthorScope(data["kind"], tuple(data["authors"]))


class WordingSchema(Schema):
    """Everything about a filter that its owner decides; a member that is left out is not touched."""

    title = Text(longest=TITLE_LENGTH, allow_none=True)
    terms = Few(
        Text(shortest=1),
        most=TERMS_PER_FILTER,
        what="terms in one filter",
        validate=validate.Length(1),
        metadata={"description": "A * at an end widens one term: cat*, *cat, *cat*; \\* is a star."},
    )
    op = fields.Enum(Op, by_value=True)
    mode = fields.Enum(Mode, by_value=True)
    strictness = fields.Enum(
        Strictness,
        by_value=True,
        allow_none=True,
        metadata={"description": "null: loose for terms of four letters or more."},
    )
    fields_ = Few(
        fields.Enum(Field, by_value=True),
        most=len(Field),
        what="fields in one filter",
        data_key="fields",
        attribute="fields",
        validate=validate.Length(1),
    )
    surfaces = Few(
        fields.String(validate=validate.OneOf(list(SURFACES))),
        most=len(SURFACES),
        what="surfaces in one filter",
        metadata={"description": "Empty: everywhere."},
    )
    author_scope = fields.Nested(AuthorScopeSchema)
    action = fields.Enum(
        Action,
        by_value=True,
        allow_none=True,
        metadata={"description": "null: hide, and only warn on a profile, which people visit on purpose."},
    )
    expires_at = Instant(allow_none=True)
    expires_in = fields.String(validate=validate.OneOf(list(PRESETS)), load_only=True)
    enabled = Switch()

    @ma.validates_schema
    def check_ending(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two endings."""
        require_one_ending(data)


class KeywordFilterPatchSchema(WordingSchema):
    """The members of a filter that change."""

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> "WordingPatch":
        """Return the change as a function of the wording that stands."""
        return WordingPatch(_members(data))


class WordingPatch:
    """Changes the members that a caller named."""

    def __init__(self, members: dict[str, Any]) -> None:
        self._members = members

    def __call__(self, wording: FilterWording) -> FilterWording:
        """Return the wording with the named members changed."""
        return replace(wording, **self._members)


class NewKeywordFilterSchema(WordingSchema):
    """A filter that somebody asks for, under an id of their own where they give one."""

    id = Id()

    @ma.validates_schema
    def require_terms(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a filter that looks for nothing."""
        if "terms" not in data:
            raise ma.ValidationError("Missing data for required field.", "terms")

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewKeywordFilter:
        """Return the value that stories take."""
        filter_id, lasts = data.pop("id", None), data.pop("expires_in", None)
        return NewKeywordFilter(FilterWording(**as_members(data)), filter_id, lasts)


def _members(data: dict[str, Any]) -> dict[str, Any]:
    members = as_members(data)
    if "expires_in" in members:
        members["expires_at"] = ending(members, parts().now)
        del members["expires_in"]
    return members


class KeywordFilterSchema(WordingSchema):
    """A filter as it is kept."""

    id = Id(required=True)
    created_at = Instant()
    revision = fields.Integer()

    @ma.pre_dump
    def flatten(self, kept: KeywordFilter, **_: Any) -> dict[str, Any]:
        """Lay the wording beside what is ours."""
        wording = {name: getattr(kept.wording, name) for name in FilterWording.__slots__}
        return {**wording, "id": kept.id, "created_at": kept.created_at, "revision": kept.revision}


class WarningSchema(Schema):
    """Something about an accepted setting that its owner may want to know."""

    code = fields.String()
    term = fields.String()
    detail = fields.String()
    other = fields.String(metadata={"description": "The term that finds the same already."})
    filter_id = fields.String(allow_none=True, metadata={"description": "Where it stands; null: here."})


class KeptFilterSchema(KeywordFilterSchema):
    """A filter as it is kept, with what its owner may want to know about it."""

    warnings = fields.List(fields.Nested(WarningSchema))

    @ma.pre_dump
    def flatten(self, kept: KeptFilter, **_: Any) -> dict[str, Any]:
        """Lay filter and warnings side by side."""
        return {**super().flatten(kept.filter), "warnings": kept.warnings}


KeywordFilterPageSchema = page_of(KeywordFilterSchema)


class PreviewRequestSchema(Schema):
    """A draft and the posts to try it on."""

    filter = fields.Nested(NewKeywordFilterSchema, required=True)
    posts = Few(CandidateField(), most=LARGEST_REQUEST, what="posts in a preview", required=True)


class SampleSchema(Schema):
    """One post that the draft would hit, and where: code points of the field as it was sent."""

    id = fields.String()
    field = fields.String(attribute="hit.place.field")
    index = fields.Integer(attribute="hit.place.item", allow_none=True)
    span = fields.List(fields.Integer(), attribute="hit.span")


def _preview_warnings(preview: Preview) -> list[dict[str, str]]:
    if not preview.hides_much:
        return []
    return [{"code": "hides-much", "detail": "With this filter more than a fifth of these posts are hidden."}]


class PreviewSchema(Schema):
    """What a draft would do to the posts."""

    matched = fields.Function(lambda preview: len(preview.matched_ids), metadata={"type": "integer"})
    total = fields.Integer()
    hidden = fields.Integer(metadata={"description": "Hidden by any filter once the draft is kept."})
    hidden_already = fields.Integer(metadata={"description": "Hidden by the filters that are there."})
    matched_ids = fields.List(fields.String())
    samples = fields.List(fields.Nested(SampleSchema), metadata={"maxItems": SAMPLES})
    warnings = fields.Function(
        _preview_warnings,
        metadata={
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"code": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["code", "detail"],
            },
        },
    )
