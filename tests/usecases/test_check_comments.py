"""Checking comments: what a check looks up, and what it keeps."""

from service.domain.comment_limits import CommentLimits, Gates, HoldMode
from service.domain.comments import CommentOutcome
from service.usecases.check_comments import check_comments
from tests.builders import a_comment, a_post, parts
from tests.fakes.comments import FakeComments
from tests.fakes.settings import FakeSettings


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
