"""What a machine takes is told apart from what the service does to itself."""

from dataclasses import replace

import pytest

from load_tests.machine import CONDITIONS, Look, Window, left_alone, was_slowed, windows_of

UNDISTURBED = Window(begins=0, ends=0.5, stolen_seconds=0, others=0, busy=0.6, work=1)
STRICTEST = [*CONDITIONS.values()][-1]


@pytest.mark.parametrize("taken", [{"stolen_seconds": 0.01}, {"others": 0.2}, {"work": 2}])
def test_what_is_due_in_the_wake_of_a_disturbance_is_not_left_alone(taken: dict[str, float]) -> None:
    windows = [UNDISTURBED, UNDISTURBED, replace(UNDISTURBED, **taken), UNDISTURBED, UNDISTURBED]

    assert left_alone(windows, STRICTEST, lambda _: 0) == [True, False, False, True]


def test_a_wake_lasts_until_no_request_waits_for_another() -> None:
    windows = [replace(UNDISTURBED, ends=end / 2) for end in range(1, 7)]
    windows[1] = replace(windows[1], stolen_seconds=0.06)
    waiting = {1.5: 40, 2.0: 2, 2.5: 1, 3.0: 30}

    assert left_alone(windows, STRICTEST, waiting.__getitem__) == [False, False, False, False, True]


def test_requests_that_wait_by_the_doing_of_the_service_stay_in_its_figures() -> None:
    assert left_alone([UNDISTURBED] * 4, STRICTEST, lambda _: 100) == [True, True, True]


def test_what_is_neither_idle_nor_stolen_nor_served_was_had_by_others() -> None:
    before, after = Look(0, 7, 2, 1, 5, 3e-5), Look(0.5, 7.15, 2.05, 1, 5.2, 3e-5)

    (window,) = windows_of([before, after], 0.1, 0.5)

    assert (window.busy, window.others, window.stolen_seconds) == pytest.approx((0.4, 0.2, 0.05))


def test_a_processor_that_takes_longer_for_the_same_work_is_slowed() -> None:
    looks = [Look(number / 2, 0, 0, 0, 0, 9e-5 if number > 3 else 3e-5) for number in range(6)]

    (usual,) = windows_of(looks, 0.5, 1)
    (slowed,) = windows_of(looks, 2, 2.5)

    assert (was_slowed(usual), was_slowed(slowed)) == (False, True)
