"""Terms that find nothing new, because another term of the same user finds it already."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.domain.keyword_filters import Action, FilterWording, KeywordFilter, Op, ScopeKind
from service.domain.matching import Mode, Strictness, normalise, parse_stored_term

_BEGINS_WORD: Final = frozenset({Mode.WORD, Mode.PREFIX, Mode.TAG})
_ENDS_WORD: Final = frozenset({Mode.WORD, Mode.SUFFIX, Mode.TAG})


@dataclass(frozen=True, slots=True)
class SettingWarning:
    """Something about an accepted setting that its owner may want to know.

    ``other``: the term that finds the same already; ``filter_id``: where that stands, None for the same filter.
    """

    code: str
    term: str
    detail: str
    other: str
    filter_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Sought:
    """A term in the form in which two can be compared."""

    written: str
    text: str
    mode: Mode
    is_loose: bool
    must_be_loose: bool


def repeated_terms(
    others: Sequence[KeywordFilter], wording: FilterWording, now: datetime
) -> list[SettingWarning]:
    """Return a warning for each term that finds nothing new: one a term, about the first that makes it needless.

    A term is a duplicate where it stands already, in the same filter or in another live one. It is subsumed where a
    wider term, such as ``cat*`` for ``cats``, finds all that it does: in the same filter, or in a live one that
    works wherever this one does. Only what is certain is warned of; terms of scripts without spaces may overlap
    unnoticed.
    """
    live = [other for other in others if other.is_live(now)]
    sought = list(_all_sought(wording))
    known = [(other, term) for other in live for term in _all_sought(other.wording)]
    wider = [(other, term) for other, term in known if works_wherever(other.wording, wording)]
    warnings = (
        _repeated_within(place, sought, wording) or _duplicate(term, known) or _subsumed(term, wider)
        for place, term in enumerate(sought)
    )
    return [warning for warning in warnings if warning]


def _repeated_within(place: int, sought: Sequence[_Sought], wording: FilterWording) -> SettingWarning | None:
    term = sought[place]
    for other in sought[:place]:
        if _are_alike(term, other):
            return _warning("duplicate-term", term, other)
    if wording.op is Op.ANY:
        for other in sought:
            if not _are_alike(term, other) and _covers(other, term):
                return _warning("subsumed-term", term, other)
    return None


def _duplicate(term: _Sought, known: Sequence[tuple[KeywordFilter, _Sought]]) -> SettingWarning | None:
    found = (
        _warning("duplicate-term", term, other, kept.id) for kept, other in known if _are_alike(term, other)
    )
    return next(found, None)


def _subsumed(term: _Sought, wider: Sequence[tuple[KeywordFilter, _Sought]]) -> SettingWarning | None:
    found = (_warning("subsumed-term", term, other, kept.id) for kept, other in wider if _covers(other, term))
    return next(found, None)


def _warning(code: str, term: _Sought, other: _Sought, filter_id: str | None = None) -> SettingWarning:
    where = f"the filter {filter_id}" if filter_id else "this filter"
    says = (
        "is already"
        if code == "duplicate-term"
        else f"finds nothing that {other.written!r} does not, which is"
    )
    return SettingWarning(
        code, term.written, f"{term.written!r} {says} in {where}.", other.written, filter_id
    )


def _all_sought(wording: FilterWording) -> Iterator[_Sought]:
    """Yield the terms of a filter but for those that were accepted once and find nothing any more."""
    for written in wording.terms:
        sought = _sought(written, wording)
        if sought:
            yield sought


def _sought(written: str, wording: FilterWording) -> _Sought | None:
    term = parse_stored_term(written, wording.mode, wording.strictness)
    if term is None:
        return None
    text = normalise(term.text)
    if term.mode is Mode.TAG:
        text = text.lstrip("#").strip(" ")
    return _Sought(
        written, text, term.mode, term.strictness is Strictness.LOOSE, wording.strictness is Strictness.LOOSE
    )


def likeness(written: str, wording: FilterWording) -> tuple[str, Mode] | None:
    """Return what two terms have in common that look for the same; None where it finds nothing any more."""
    term = _sought(written, wording)
    return (term.text, term.mode) if term else None


def _are_alike(one: _Sought, other: _Sought) -> bool:
    return (one.text, one.mode) == (other.text, other.mode)


def _covers(wide: _Sought, narrow: _Sought) -> bool:
    """Tell whether wherever ``narrow`` stands, ``wide`` stands too.

    An end at which a term begins or ends a word is marked with a space; what is marked in the wide term has to be
    marked, or be a space, in the narrow one. In hashtags terms stand without their spaces, and must cover there too;
    in those of a caption only tags do. Disguises count only where the owner asked for them: that short terms are
    strict is no wish of anybody.
    """
    if narrow.must_be_loose and not wide.is_loose:
        return False
    if Mode.DOMAIN in (wide.mode, narrow.mode):
        return wide.mode is narrow.mode and f".{narrow.text}".endswith(f".{wide.text}")
    if wide.mode is Mode.TAG:
        return _are_alike(wide, narrow)
    if narrow.mode is Mode.TAG and " " in wide.text:
        return False
    return _marked(wide) in _marked(narrow) and _marked(wide, "") in _marked(narrow, "")


def _marked(term: _Sought, space: str = " ") -> str:
    before = " " if term.mode in _BEGINS_WORD else ""
    after = " " if term.mode in _ENDS_WORD else ""
    return f"{before}{term.text.replace(' ', space)}{after}"


def works_wherever(wide: FilterWording, narrow: FilterWording) -> bool:
    """Tell whether one filter looks at everything that another looks at, for as long, and does as much."""
    scope = wide.author_scope
    lasts = wide.expires_at is None or (
        narrow.expires_at is not None and wide.expires_at >= narrow.expires_at
    )
    return (
        wide.op is Op.ANY
        and lasts
        and set(narrow.fields) <= set(wide.fields)
        and (not wide.surfaces or (bool(narrow.surfaces) and set(narrow.surfaces) <= set(wide.surfaces)))
        and (scope.kind is ScopeKind.EVERYONE or scope == narrow.author_scope)
        and wide.action in (None, Action.HIDE, narrow.action)
    )
