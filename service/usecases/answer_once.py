"""A caller who heard no answer asks again, and what was asked for happens once."""

from collections.abc import Callable
from dataclasses import replace

from service.domain.answers import (
    ANSWERS_KEPT_FOR,
    Answer,
    AskedOnce,
    RememberedAnswer,
    require_same_request,
)
from service.domain.people import UserId
from service.usecases.ports import Parts


def answer_once(
    parts: Parts, user_id: UserId, asked: AskedOnce, story: Callable[[Parts], Answer]
) -> tuple[Answer, bool]:
    """Return the answer to a request and whether it is a repetition of the one that was given before.

    The story gets parts whose edits join the transaction in which its answer is remembered: the change, its
    revision, its outbox rows and the answer are kept together or not at all. A story that raises leaves nothing,
    so that the request may be tried again under the same key.
    """
    now = parts.now()
    with parts.settings.once(user_id, asked.key, since=now - ANSWERS_KEPT_FOR) as turn:
        if turn.earlier:
            require_same_request(turn.earlier, asked)
            return turn.earlier.answer, True
        answer = story(replace(parts, settings=turn.settings))
        turn.remember(RememberedAnswer(asked.fingerprint, answer), now)
        return answer, False
