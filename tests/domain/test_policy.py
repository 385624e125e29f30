"""Where an effective value comes from."""

from service.domain.comment_limits import Audience, CommentLimits
from service.domain.policy import Effective, who_can_comment


def test_the_platform_decides_for_somebody_who_never_chose() -> None:
    assert who_can_comment(CommentLimits()) == Effective((Audience.EVERYONE,), "platform", locked=False)


def test_a_users_own_choice_comes_first() -> None:
    chosen = CommentLimits(who_can_comment=(Audience.FRIENDS,))

    assert who_can_comment(chosen) == Effective((Audience.FRIENDS,), "user", locked=False)
