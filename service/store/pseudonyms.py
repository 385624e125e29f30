"""Keeps the secrets of pseudonyms: made when an epoch begins, destroyed when nothing of it may be found any more."""

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.postgresql import insert

from service.domain.people import UserId
from service.domain.pseudonyms import MILLION, Pseudonyms, epoch_of
from service.store.engine import FOR_EDITS, transaction
from service.store.insight_tables import erased_people
from service.store.insight_tables import insight_epochs as table

SECRET_BYTES: Final = 32


class Epochs:
    """The secrets as one process knows them; asked for once an epoch."""

    def __init__(self, engine: Engine, *, panel_per_million: int = MILLION) -> None:
        self._engine = engine
        self._panel_per_million = panel_per_million
        self._known: dict[int, Pseudonyms] = {}

    def at(self, when: datetime) -> Pseudonyms:
        """Return the secrets of the epoch that an instant lies in, making them where nobody has.

        In a transaction of its own: were it the caller's, a rollback would take back what others already use.
        """
        epoch = epoch_of(when)
        if epoch not in self._known:
            with transaction(self._engine, FOR_EDITS) as connection:
                self._known[epoch] = _found_or_made(connection, epoch, self._panel_per_million)
        return self._known[epoch]


def living(connection: Connection) -> list[Pseudonyms]:
    """Return the secrets of every epoch that has any left."""
    return [Pseudonyms(*row) for row in connection.execute(select(table).order_by(table.c.epoch))]


def note_erased(connection: Connection, user_id: UserId) -> None:
    """Have everything forgotten that can still be told to be about somebody, in the transaction of their erasure."""
    rows = [{"person": pseudonyms.person(user_id)} for pseudonyms in living(connection)]
    if rows:
        connection.execute(insert(erased_people).on_conflict_do_nothing(), rows)


def destroy_before(connection: Connection, epoch: int) -> int:
    """Make everything from before an epoch anonymous; tell how many epochs that were."""
    return connection.execute(delete(table).where(table.c.epoch < epoch)).rowcount


def _found_or_made(connection: Connection, epoch: int, panel_per_million: int) -> Pseudonyms:
    made = {
        "epoch": epoch,
        "person_secret": secrets.token_bytes(SECRET_BYTES),
        "entity_secret": secrets.token_bytes(SECRET_BYTES),
        "panel_secret": secrets.token_bytes(SECRET_BYTES),
        "panel_per_million": panel_per_million,
    }
    connection.execute(insert(table).values(made).on_conflict_do_nothing())
    return Pseudonyms(*connection.execute(select(table).where(table.c.epoch == epoch)).one())
