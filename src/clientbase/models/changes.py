"""The log of changes that leaves are brought up to date by, and where it has been pruned."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from clientbase.models.base import AccountId, AccountKey, Base, Code, Id

_OWN_TRANSACTION = text("(pg_current_xact_id()::text)::bigint")


class ClientChange(Base):
    """What one statement changed: the clients of an account in one facet. Written by triggers only.

    `xid` is the transaction, by which a snapshot tells whether it has seen the change.
    """

    __tablename__ = "client_changes"
    __table_args__ = (Index("ix_client_changes_by_xid", "account_id", "xid"), Index(None, "at"))

    account_id: Mapped[AccountKey]
    id: Mapped[Id]
    facet: Mapped[Code]
    xid: Mapped[int] = mapped_column(BigInteger, server_default=_OWN_TRANSACTION)
    client_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class ChangeHorizon(Base):
    """The newest transaction of whose changes in a facet some are no longer in the log."""

    __tablename__ = "change_horizons"

    account_id: Mapped[AccountId]
    facet: Mapped[Code] = mapped_column(primary_key=True)
    pruned_through: Mapped[int] = mapped_column(BigInteger)


class AccountRevision(Base):
    """How often something without clients of its own that filters read has changed."""

    __tablename__ = "account_revisions"

    account_id: Mapped[AccountId]
    kind: Mapped[Code] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(server_default="1")


class LiveState(Base):
    """How far the live loop of an account has come, and who works on it."""

    __tablename__ = "live_states"

    account_id: Mapped[AccountId]
    computed_at: Mapped[datetime | None]
    """The instant that the live segments are true for."""
    seen_below: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Changes of transactions below have been taken in, but for those that ran then."""
    running: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    facets: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    """Only changes in these can change a live segment."""
    wakes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Grows when other segments are live than before, so that a round is wanted though nothing changed."""
    seen_wakes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Grows with every holder of the lease: whoever holds an older one writes nothing more."""
    leased_until: Mapped[datetime | None]
