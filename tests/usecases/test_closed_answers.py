"""What closed cells say is worked out once, and again as soon as more is closed."""

from itertools import count

from service.usecases.closed_answers import REMEMBERED, ClosedAnswers


def test_the_same_question_is_worked_out_once_until_more_is_closed() -> None:
    answers, worked_out = ClosedAnswers(), count()

    assert [answers.answer(1, "reach", lambda: next(worked_out)) for _ in range(3)] == [0, 0, 0]
    assert answers.answer(1, "undo", lambda: next(worked_out)) == 1
    assert answers.answer(2, "reach", lambda: next(worked_out)) == 2
    assert answers.answer(2, "reach", lambda: next(worked_out)) == 2


def test_an_answer_of_before_a_close_is_not_told_after_it() -> None:
    answers = ClosedAnswers()

    def closed_meanwhile() -> str:
        answers.answer(2, "other", lambda: "new")
        return "old"

    answers.answer(1, "reach", closed_meanwhile)
    assert answers.answer(2, "reach", lambda: "new") == "new"


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    answers, worked_out = ClosedAnswers(), count()
    for number in range(REMEMBERED + 1):
        answers.answer(1, number, lambda: next(worked_out))

    assert answers.answer(1, 0, lambda: "again") == "again"
