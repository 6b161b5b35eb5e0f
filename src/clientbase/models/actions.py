"""Action types of the account's own, and actions: what clients did, beside orders."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from clientbase.models.base import AccountId, AccountKey, Base, Code, Id, Number, of_client

BUILT_IN_TYPE_IDS = {
    "visit": 1,
    "call": 2,
    "lead": 3,
    "mailing.sent": 10,
    "mailing.delivered": 11,
    "mailing.received": 12,
    "mailing.opened": 13,
    "mailing.clicked": 14,
    "mailing.bounced": 15,
    "mailing.unsubscribed": 16,
    "mailing.complained": 17,
    "loyalty.accrual": 20,
    "loyalty.writeoff": 21,
    "segment.entered": 30,
    "segment.left": 31,
}
"""Ids of the built-in types that the `actions` table answers; own types begin at 1000."""


class ActionType(Base):
    """An action type of the account's own; its params are rows of `params`."""

    __tablename__ = "action_types"
    __table_args__ = (UniqueConstraint("account_id", "code"),)

    account_id: Mapped[AccountId]
    id: Mapped[int] = mapped_column(BigInteger, Identity(start=1000), primary_key=True)
    code: Mapped[Code]
    name: Mapped[str]
    amount_param: Mapped[Code | None]
    """The number or money param that is kept in `actions.amount`."""
    reference_param: Mapped[Code | None]
    """The choice or reference param that is kept in `actions.reference`."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Action(Base):
    """Something that a client did; `amount` and `reference` hold the hot params of its type."""

    __tablename__ = "actions"
    __table_args__ = (
        of_client(),
        Index(
            "ix_actions_by_client",
            "account_id",
            "client_id",
            "type_id",
            "at",
            postgresql_include=["amount", "reference"],
        ),
        Index(
            "ix_actions_by_type",
            "account_id",
            "type_id",
            "at",
            postgresql_include=["client_id", "amount", "reference"],
        ),
        Index(
            "ix_actions_by_reference",
            "account_id",
            "type_id",
            "reference",
            "at",
            postgresql_include=["client_id"],
            postgresql_where=text("reference IS NOT NULL"),
        ),
        Index(
            "uq_actions_dedupe",
            "account_id",
            "type_id",
            "source",
            "dedupe_key",
            unique=True,
            postgresql_where=text("dedupe_key IS NOT NULL"),
        ),
    )

    account_id: Mapped[AccountKey]
    id: Mapped[Id]
    client_id: Mapped[int]
    type_id: Mapped[int]
    at: Mapped[datetime]
    amount: Mapped[Number | None]
    """Major units when the param is money."""
    reference: Mapped[Code | None]
    params: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """The other params by code: text as written, numbers and money as decimal strings, days and instants as
    ISO text (instants in UTC with microseconds), booleans."""
    folded: Mapped[dict[str, Any] | None]
    """Folded forms of text params, where they differ from the written ones."""
    source: Mapped[Code] = mapped_column(server_default=text("'api'"))
    dedupe_key: Mapped[str | None]
