"""What the tables are made of: kinds of columns, and what PostgreSQL refuses in them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, Boolean, CheckConstraint, Column, DateTime, MetaData, Text, text

from service.domain.people import ID_LENGTH

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ck": "%(table_name)s_%(constraint_name)s",
        "ix": "%(table_name)s_%(column_0_N_name)s",
    }
)


def identifier(name: str, comment: str, *, key: bool = True) -> Column[str]:
    """Return a column of ids, which compare byte by byte; part of the primary key unless told otherwise."""
    return Column(name, Text(collation="C"), primary_key=key, nullable=False, comment=comment)


def texts(name: str, comment: str, *, nullable: bool = False) -> Column[list[str]]:
    """Return a column of several texts."""
    return Column(name, ARRAY(Text), nullable=nullable, comment=comment)


def choice(name: str, comment: str, *, nullable: bool = False) -> Column[str]:
    """Return a column that holds one of a few words."""
    return Column(name, Text, nullable=nullable, comment=comment)


def switch(name: str, comment: str) -> Column[bool]:
    """Return a column that is on or off, and off at first."""
    return Column(name, Boolean, nullable=False, server_default=text("false"), comment=comment)


def number(name: str, comment: str) -> Column[int]:
    """Return a column of whole numbers."""
    return Column(name, BigInteger, nullable=False, comment=comment)


def instant(name: str, comment: str, *, nullable: bool = False) -> Column[datetime]:
    """Return a column of instants, which PostgreSQL keeps in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable, comment=comment)


def expiry() -> Column[datetime]:
    """Return the column that says when a row ends by itself."""
    return instant("expires_at", "When it ends by itself; null: never.", nullable=True)


def revision() -> Column[int]:
    """Return the column that says at which of the owner's revisions a row last changed."""
    return number("revision", "The owner's revision when this row last changed.")


def note() -> Column[str]:
    """Return the column of what the owner wrote beside a setting."""
    return Column("note", Text, comment="The owner's private note.")


def is_short(column: str, characters: int = ID_LENGTH) -> CheckConstraint:
    """Refuse texts that are longer than ids, or than so many characters."""
    return CheckConstraint(f"char_length({column}) <= {characters}", name=f"{column}_is_short")


def is_named(column: str, characters: int = ID_LENGTH) -> CheckConstraint:
    """Refuse texts that are empty too."""
    return CheckConstraint(f"char_length({column}) BETWEEN 1 AND {characters}", name=f"{column}_is_named")


def is_known(column: str, choices: type[StrEnum]) -> CheckConstraint:
    """Refuse words that none of the choices is."""
    listed = ", ".join(f"'{each}'" for each in choices)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


def are_few(column: str, least: int, most: int) -> CheckConstraint:
    """Refuse fewer or more entries than these."""
    return CheckConstraint(f"cardinality({column}) BETWEEN {least} AND {most}", name=f"{column}_are_few")
