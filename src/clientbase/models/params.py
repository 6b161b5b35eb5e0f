"""Definitions of custom params and their typed values on clients and orders."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from clientbase.models.base import AccountId, AccountKey, Base, Code, Folded, Id, Number, of_client
from clientbase.models.orders import of_order


class Param(Base):
    """A custom param of clients, of orders or of one action type."""

    __tablename__ = "params"
    __table_args__ = (
        UniqueConstraint(
            "account_id", "entity", "action_type_id", "code", postgresql_nulls_not_distinct=True
        ),
    )

    account_id: Mapped[AccountId]
    id: Mapped[Id]
    entity: Mapped[Code]
    """client, order or action"""
    action_type_id: Mapped[int | None]
    code: Mapped[Code]
    name: Mapped[str]
    type: Mapped[Code]
    """text, number, date, boolean, choice; of actions also money, datetime, reference"""
    personal: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ParamChoice(Base):
    """A value of a choice param."""

    __tablename__ = "param_choices"

    account_id: Mapped[AccountId]
    param_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[int]


def _value_indexes(table: str, owner: str) -> tuple[Index, ...]:
    """One covering index (param, value) for each typed column, only of the rows that use it."""
    return tuple(
        Index(
            f"ix_{table}_by_{column}",
            "account_id",
            "param_id",
            column,
            postgresql_include=[owner],
            postgresql_where=text(f"{column} IS NOT NULL"),
        )
        for column in ("folded", "number", "day", "boolean")
    )


class TypedValue:
    """The columns of a param value: exactly one holds it, by the type of the param (a choice in `folded`)."""

    text: Mapped[str | None]
    folded: Mapped[Folded | None]
    number: Mapped[Number | None]
    day: Mapped[date | None] = mapped_column(Date)
    boolean: Mapped[bool | None]


class ClientParamValue(TypedValue, Base):
    """The value of a custom param of a client."""

    __tablename__ = "client_param_values"
    __table_args__ = (of_client(), *_value_indexes("client_param_values", "client_id"))

    account_id: Mapped[AccountKey]
    client_id: Mapped[int] = mapped_column(primary_key=True)
    param_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class OrderParamValue(TypedValue, Base):
    """The value of a custom param of an order."""

    __tablename__ = "order_param_values"
    __table_args__ = (
        of_order(),
        Index(None, "account_id", "client_id"),
        *_value_indexes("order_param_values", "order_id"),
    )

    account_id: Mapped[AccountKey]
    order_id: Mapped[int] = mapped_column(primary_key=True)
    param_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    client_id: Mapped[int]
