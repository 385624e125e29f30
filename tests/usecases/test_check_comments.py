"""Checking comments: what a check looks up, and what it keeps."""

from dataclasses import replace
from typing import Any

import pytest

from service.domain.comment_limits import CommentLimits, Gates, HoldMode
from service.domain.comments import CommentOutcome
from service.domain.cost_ceilings import CEILING
from service.domain.matching import Mode, matcher
from service.usecases.check_comments import check_comments
from service.usecases.edit_keyword_filters import add_keyword_filter
from tests.builders import a_comment, a_new_keyword_filter, a_post, parts
from tests.fakes.comments import FakeComments
from tests.fakes.rules import FakeRules
from tests.fakes.settings import FakeSettings

ALLOW, HOLD, SHOW, HIDE = (
    CommentOutcome.ALLOW,
    CommentOutcome.HOLD,
    CommentOutcome.SHOW,
    CommentOutcome.HIDE,
)


def an_owner(limits: CommentLimits) -> tuple[FakeSettings, FakeComments]:
    """Return stores in which the owner of the post has these limits."""
    settings = FakeSettings()
    with settings.edit("owner") as editing:
        editing.comment_limits.put(limits)
    return settings, FakeComments(settings)


def test_a_check_that_holds_nothing_asks_nothing_beside_the_rules() -> None:
    settings, comments = an_owner(CommentLimits(keyword_terms=("clown",), gates=Gates(no_links=True)))
    with_fakes = parts(settings=settings, comments=comments)

    check_comments(with_fakes, a_post(), [a_comment()])
    check_comments(with_fakes, a_post(), [a_comment()], viewer_id="viewer")

    assert not comments.asked


def test_after_the_first_hold_one_look_up_is_all_that_a_check_adds() -> None:
    settings, comments = an_owner(CommentLimits(keyword_terms=("clown",)))
    with_fakes = parts(settings=settings, comments=comments)
    first = check_comments(with_fakes, a_post(), [a_comment(text="clown")])
    assert comments.asked == {"hold": 1}
    assert first.head == settings.announced[-1]

    comments.asked.clear()
    check_comments(with_fakes, a_post(), [a_comment(text="clown")])
    check_comments(with_fakes, a_post(), [a_comment(id="another")])
    check_comments(with_fakes, a_post(), [a_comment()], viewer_id="viewer")

    assert comments.asked == {"history": 3}


def test_the_first_hold_retires_the_rules_that_were_cached_before_it() -> None:
    settings, comments = an_owner(CommentLimits(hold_mode=HoldMode.ALL))
    with_fakes = parts(settings=settings, comments=comments)
    check_comments(with_fakes, a_post(), [a_comment()])

    [seen] = check_comments(with_fakes, a_post(), [a_comment()], viewer_id="viewer").decisions

    assert seen.outcome is CommentOutcome.HIDE


def test_an_owner_who_carries_a_token_is_never_shown_what_waits_by_older_rules() -> None:
    settings, comments = an_owner(CommentLimits(hold_mode=HoldMode.ALL))
    with_fakes = parts(settings=settings, comments=comments)
    check_comments(with_fakes, a_post(), [], viewer_id="owner")
    unreached = replace(with_fakes, rules=FakeRules())
    held = check_comments(unreached, a_post(), [a_comment()])

    [seen] = check_comments(
        with_fakes, a_post(), [a_comment()], viewer_id="owner", at_least=held.head.version
    ).decisions

    assert seen.outcome is CommentOutcome.HIDE


def test_a_refused_comment_is_neither_counted_nor_kept() -> None:
    settings, comments = an_owner(
        CommentLimits(hold_mode=HoldMode.ALL, gates=Gates(no_links=True, max_per_hour=1))
    )
    with_fakes = parts(settings=settings, comments=comments)

    check_comments(with_fakes, a_post(), [a_comment(links=("https://example.com",))])
    assert not comments.asked
    [made] = check_comments(with_fakes, a_post(), [a_comment(id="second")]).decisions

    assert made.outcome is CommentOutcome.HOLD
    assert comments.asked == {"count": 1, "hold": 1}


def costly_comments(size: int, *keywords: str) -> list[tuple[CommentOutcome, bool]]:
    """Return what becomes of a disguised, a plain and a harmless comment, made in a request of some size."""
    settings, comments = an_owner(CommentLimits(keyword_terms=keywords))
    said = ("cl0wn", "a clown", "hello")
    made = [a_comment(id=str(number), text=text) for number, text in enumerate(said)]
    checked = check_comments(parts(settings=settings, comments=comments), a_post(), made, size=size)
    return [(each.outcome, checked.degraded) for each in checked.decisions]


def test_ab_03_within_the_ceiling_keywords_are_found_in_disguise() -> None:
    assert costly_comments(CEILING, "clown") == [(HOLD, False), (HOLD, False), (ALLOW, False)]


def test_ab_03_over_it_keywords_are_found_as_they_are_written_and_the_answer_says_so() -> None:
    assert costly_comments(CEILING + 1, "clown") == [(ALLOW, True), (HOLD, True), (ALLOW, True)]


def test_ab_03_where_keywords_cannot_be_looked_at_everything_waits_for_the_owner() -> None:
    assert costly_comments(CEILING + 1, "clown*") == [(HOLD, True)] * 3


def costly_reading(size: int, **wording: Any) -> list[tuple[CommentOutcome, bool]]:
    """Return what a viewer with a filter sees of three comments and of one by the platform."""
    with_fakes = replace(parts(), platform_accounts=frozenset({"safety"}))
    add_keyword_filter(with_fakes, "viewer", a_new_keyword_filter(**wording))
    said = [a_comment(id=text, text=text) for text in ("sp0iler", "spoiler", "hello")]
    notice = a_comment(id="notice", author_id="safety", text="spoiler")
    checked = check_comments(with_fakes, a_post(), [*said, notice], viewer_id="viewer", size=size)
    return [(each.outcome, checked.degraded) for each in checked.decisions]


def test_ab_03_within_the_ceiling_a_viewers_filters_find_everything() -> None:
    assert costly_reading(CEILING) == [(HIDE, False), (HIDE, False), (SHOW, False), (SHOW, False)]


def test_ab_03_over_it_a_viewer_sees_spellings_in_disguise_and_the_answer_says_so() -> None:
    assert costly_reading(CEILING + 1) == [(SHOW, True), (HIDE, True), (SHOW, True), (SHOW, True)]


def test_ab_03_where_a_viewers_filters_cannot_be_looked_at_only_notices_are_shown() -> None:
    assert costly_reading(CEILING + 1, mode=Mode.SUBSTRING) == [
        (HIDE, True),
        (HIDE, True),
        (HIDE, True),
        (SHOW, True),
    ]


def test_ab_03_comments_that_show_too_much_are_checked_as_a_request_that_is_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matcher, "LOOKS_FOR_DISGUISES_AT_MOST", 0)
    assert costly_comments(1, "clown") == costly_comments(CEILING + 1, "clown")
    assert costly_reading(1) == costly_reading(CEILING + 1)

    monkeypatch.setattr(matcher, "LOOKS_AT_MOST", 0)
    assert costly_comments(1, "clown") == costly_comments(CEILING + 1, "clown*")
    assert costly_reading(1) == costly_reading(CEILING + 1, mode=Mode.SUBSTRING)
