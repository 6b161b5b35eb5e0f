"""The declarative base, naming of constraints and the column types that all tables share."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    MetaData,
    Numeric,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table; times carry a zone, JSON is JSONB."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain dict
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[Any]: JSONB(none_as_null=True),
        str: Text(),
        int: BigInteger(),
    }


AccountId = Annotated[
    int, mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
]
AccountKey = Annotated[int, mapped_column(BigInteger, primary_key=True)]
"""The account of a part: its parent already refers to the account, so a second check is not paid for."""
Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Money = Annotated[int, mapped_column(BigInteger)]
"""Whole minor units of the account's currency."""
Number = Annotated[Any, mapped_column(Numeric(18, 4))]
Folded = Annotated[str, mapped_column(Text(collation="C"))]
"""Text as `kit.text.fold` makes it: what is compared and sorted, never shown."""
Code = Annotated[str, mapped_column(Text(collation="C"))]


def of_client() -> ForeignKeyConstraint:
    """The link of a fact to its client; deleting the client deletes the fact."""
    return ForeignKeyConstraint(
        ["account_id", "client_id"], ["clients.account_id", "clients.id"], ondelete="CASCADE"
    )
