"""Keyword filters: what a user does not want to read, and what happens to it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.domain.expiry import end_of, is_live, require_sensible_end
from service.domain.matching import Mode, Strictness, Term, parse_term
from service.domain.people import UserId
from service.domain.refusals import InvalidValue, LimitReached, Refusal, require_few
from service.domain.surfaces import SURFACES, require_known_surface

FILTERS_PER_USER: Final = 200
TERMS_PER_USER: Final = 1_000
TERMS_PER_FILTER: Final = 20
AUTHORS_PER_SCOPE: Final = 50
TITLE_LENGTH: Final = 80
EXPIRED_FILTERS_STAY: Final = timedelta(days=90)


class Field(StrEnum):
    """The parts of a post that a filter can look at."""

    CAPTION = "caption"
    HASHTAGS = "hashtags"
    ON_SCREEN_TEXT = "on_screen_text"
    TRANSCRIPT = "transcript"
    SOUND_TITLE = "sound_title"
    LINKS = "links"
    QUOTED = "quoted"
    ALT_TEXT = "alt_text"
    AUTHOR_NAME = "author_name"


FIELDS_BY_DEFAULT: Final = tuple(field for field in Field if field is not Field.AUTHOR_NAME)


class Op(StrEnum):
    """Whether one term is enough or all must be in the same item."""

    ANY = "any"
    ALL = "all"


class Action(StrEnum):
    """What happens to a post that a filter hits, strongest first."""

    HIDE = "hide"
    WARN = "warn"
    BLUR = "blur"
    DOWNRANK = "downrank"


class ScopeKind(StrEnum):
    """Whose posts a filter looks at."""

    EVERYONE = "everyone"
    EXCLUDE_FOLLOWING = "exclude_following"
    ONLY = "only"
    EXCEPT = "except"


@dataclass(frozen=True, slots=True)
class AuthorScope:
    """Whose posts a filter looks at; ``authors`` belong to ``only`` and ``except``."""

    kind: ScopeKind = ScopeKind.EVERYONE
    authors: tuple[UserId, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterWording:
    """Everything about a filter that its owner decides.

    ``action`` None: hide, and on a visited surface such as a profile only warn. ``strictness`` None: loose
    for terms of four letters or more. Empty ``surfaces``: everywhere.
    """

    terms: tuple[str, ...]
    title: str | None = None
    op: Op = Op.ANY
    mode: Mode = Mode.WORD
    strictness: Strictness | None = None
    fields: tuple[Field, ...] = FIELDS_BY_DEFAULT
    surfaces: tuple[str, ...] = ()
    author_scope: AuthorScope = AuthorScope()
    action: Action | None = None
    expires_at: datetime | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class NewKeywordFilter:
    """A filter that somebody asks for, under an id of their own or one that we choose.

    ``lasts`` is a preset such as ``7d``, which takes the place of the wording's end.
    """

    wording: FilterWording
    id: str | None = None
    lasts: str | None = None

    def wording_from(self, start: datetime) -> FilterWording:
        """Return what the filter says when it is added at ``start``, from which a preset counts."""
        if self.lasts is None:
            return self.wording
        return replace(self.wording, expires_at=end_of(self.lasts, start))


@dataclass(frozen=True, slots=True)
class KeywordFilter:
    """A filter that is kept; ``revision`` is its owner's revision when it last changed."""

    id: str
    wording: FilterWording
    created_at: datetime
    revision: int

    def is_live(self, now: datetime) -> bool:
        """Tell whether the filter works at ``now``: switched on and not expired."""
        return self.wording.enabled and is_live(self.wording.expires_at, now)


def ended_long_ago(kept: KeywordFilter, now: datetime) -> bool:
    """Tell whether a filter ended so long ago that its owner can no longer switch it on again."""
    return not is_live(kept.wording.expires_at, now - EXPIRED_FILTERS_STAY)


class KeywordFilterExists(Refusal):
    """The id belongs to another filter of the same user."""

    code = "keyword-filter-exists"

    def __init__(self, filter_id: str) -> None:
        super().__init__(f"There is a keyword filter {filter_id!r} already, with other contents.")


def require_valid_change(kept: FilterWording, wanted: FilterWording, now: datetime) -> None:
    """Refuse a change that leads to a filter which could not work.

    An end that stays as it is may lie in the past: an expired filter can be given another name before it is switched
    on again. Terms that stay as they are may be such as a later matcher refuses: the filter can still be switched off.
    """
    if wanted.expires_at != kept.expires_at:
        require_sensible_end(wanted.expires_at, now)
    require_lasting_wording(wanted, kept)


def require_valid_wording(wording: FilterWording, now: datetime) -> None:
    """Refuse a filter that could not work as its owner expects, naming the field that is wrong."""
    require_sensible_end(wording.expires_at, now)
    require_lasting_wording(wording)


def require_lasting_wording(wording: FilterWording, kept: FilterWording | None = None) -> None:
    """Refuse what is wrong with a filter whatever the time, but for terms that are ``kept`` as they are."""
    require_few("terms in one filter", wording.terms, TERMS_PER_FILTER)
    if not wording.terms:
        raise InvalidValue("terms", "name at least one term")
    is_matched_alike = kept and (kept.mode, kept.strictness) == (wording.mode, wording.strictness)
    known = set(kept.terms) if kept and is_matched_alike else set()
    for term in wording.terms:
        if term not in known:
            term_of(term, wording)
    if not wording.fields:
        raise InvalidValue("fields", "name at least one field")
    require_few("fields in one filter", wording.fields, len(Field))
    require_few("surfaces in one filter", wording.surfaces, len(SURFACES))
    for surface in wording.surfaces:
        require_known_surface(surface, "surfaces")
    _require_consistent_scope(wording.author_scope)


def _require_consistent_scope(scope: AuthorScope) -> None:
    names_people = scope.kind in {ScopeKind.ONLY, ScopeKind.EXCEPT}
    if names_people and not scope.authors:
        raise InvalidValue("author_scope", f"{scope.kind} needs at least one author")
    require_few("authors in one scope", scope.authors, AUTHORS_PER_SCOPE)
    if scope.authors and not names_people:
        raise InvalidValue("author_scope", f"{scope.kind} takes no authors")


def require_room(others: Collection[KeywordFilter], wording: FilterWording) -> None:
    """Refuse a filter beside ``others`` that would take the user over the limits on filters or terms."""
    if len(others) >= FILTERS_PER_USER:
        raise LimitReached("keyword filters", limit=FILTERS_PER_USER, current=len(others) + 1)
    terms = sum(len(other.wording.terms) for other in others) + len(wording.terms)
    if terms > TERMS_PER_USER:
        raise LimitReached("terms", limit=TERMS_PER_USER, current=terms)


def term_of(written: str, wording: FilterWording) -> Term:
    """Return one term of a filter as the matcher takes it."""
    return parse_term(written, wording.mode, wording.strictness)
