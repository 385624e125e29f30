"""The order of steps when staff look at somebody's settings."""

from typing import NoReturn

import pytest

from service.domain.people import UserId
from service.domain.staff_reads import StaffView
from service.usecases.ports import StoreUnavailable
from service.usecases.read_as_staff import Staff, list_staff_reads, read_settings_as_staff
from tests import builders
from tests.fakes.settings import FakeSettings

SAM = Staff("sam", "SUP-1234")


class FailsToRead(FakeSettings):
    """A store that goes away between the entry and the reading."""

    def read(self, user_id: UserId) -> NoReturn:
        """Fail, whoever is asked about."""
        del user_id
        raise StoreUnavailable


def test_ab_05_the_entry_is_kept_before_anything_is_read() -> None:
    store = FailsToRead()

    with pytest.raises(StoreUnavailable):
        read_settings_as_staff(builders.parts(settings=store), SAM, "mia")

    assert [each.view for each in store.staff_reads("mia", 9, None)] == [StaffView.SETTINGS]


def test_ab_05_the_list_of_looks_goes_on_page_by_page() -> None:
    parts = builders.parts()
    for _ in range(3):
        read_settings_as_staff(parts, SAM, "mia")

    page = list_staff_reads(parts, SAM, "mia", 2, None)

    assert len(page.items) == 2
    assert page.next_cursor
