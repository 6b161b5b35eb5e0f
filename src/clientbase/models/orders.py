"""Orders with lines, statuses and their history, refunds, products in a tree of groups."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, ForeignKeyConstraint, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from clientbase.models.base import AccountId, AccountKey, Base, Code, Folded, Id, Money, Number, of_client


def of_order() -> ForeignKeyConstraint:
    """The link of a part to its order."""
    return ForeignKeyConstraint(
        ["account_id", "order_id"], ["orders.account_id", "orders.id"], ondelete="CASCADE"
    )


class OrderStatus(Base):
    """A status of the account and the group that it belongs to: new, in_progress, done, cancelled."""

    __tablename__ = "order_statuses"

    account_id: Mapped[AccountId]
    code: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[str]
    status_group: Mapped[Code]


class Order(Base):
    """An order; `purchased_at` (the last entry into `done`) is set while its group is `done`."""

    __tablename__ = "orders"
    __table_args__ = (
        of_client(),
        UniqueConstraint("account_id", "source", "external_id"),
        Index("ix_orders_by_client", "account_id", "client_id", "created_at"),
        Index("ix_orders_by_creation", "account_id", "created_at", postgresql_include=["client_id", "total"]),
        Index(
            "ix_orders_by_purchase",
            "account_id",
            "purchased_at",
            postgresql_include=["client_id", "total"],
            postgresql_where=text("purchased_at IS NOT NULL"),
        ),
        Index(
            "ix_orders_by_client_purchase",
            "account_id",
            "client_id",
            "purchased_at",
            postgresql_include=["total"],
            postgresql_where=text("purchased_at IS NOT NULL"),
        ),
    )

    account_id: Mapped[AccountKey]
    id: Mapped[Id]
    client_id: Mapped[int]
    source: Mapped[Code]
    external_id: Mapped[str] = mapped_column(Text(collation="C"))
    number: Mapped[str | None]
    number_folded: Mapped[Folded | None]
    status: Mapped[Code]
    status_group: Mapped[Code]
    created_at: Mapped[datetime]
    purchased_at: Mapped[datetime | None]
    total: Mapped[Money]
    discount: Mapped[Money] = mapped_column(server_default="0")
    cost: Mapped[Money | None]
    items_count: Mapped[Number] = mapped_column(server_default="0")
    """The sum of the lines' quantities, so that counting a client's items need not read them."""
    shop: Mapped[Code | None]
    manager: Mapped[Code | None]
    url: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OrderLine(Base):
    """A line of an order; client and time of purchase are kept on it for filters."""

    __tablename__ = "order_lines"
    __table_args__ = (
        of_order(),
        Index("ix_order_lines_by_client", "account_id", "client_id", "purchased_at"),
        Index(
            "ix_order_lines_by_product",
            "account_id",
            "product_id",
            "purchased_at",
            postgresql_include=["client_id", "quantity", "amount"],
            postgresql_where=text("purchased_at IS NOT NULL"),
        ),
    )

    account_id: Mapped[AccountKey]
    order_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int]
    product_id: Mapped[int | None]
    quantity: Mapped[Number]
    price: Mapped[Money]
    amount: Mapped[Money]
    purchased_at: Mapped[datetime | None]


class OrderStatusChange(Base):
    """An entry of an order into a status; `from_status` is empty at its creation, which is not a change."""

    __tablename__ = "order_status_history"
    __table_args__ = (
        of_order(),
        Index(None, "account_id", "order_id", "at"),
        Index(None, "account_id", "client_id", "at"),
        Index(None, "account_id", "at"),
    )

    account_id: Mapped[AccountKey]
    id: Mapped[Id]
    order_id: Mapped[int]
    client_id: Mapped[int]
    at: Mapped[datetime]
    from_status: Mapped[Code | None]
    to_status: Mapped[Code]
    from_group: Mapped[Code | None]
    to_group: Mapped[Code]


class Refund(Base):
    """Money given back for an order; only refunds of done orders reduce revenue."""

    __tablename__ = "refunds"
    __table_args__ = (
        of_order(),
        UniqueConstraint("account_id", "order_id", "external_id"),
        Index(None, "account_id", "client_id", "at"),
        Index(None, "account_id", "at"),
    )

    account_id: Mapped[AccountKey]
    id: Mapped[Id]
    order_id: Mapped[int]
    client_id: Mapped[int]
    external_id: Mapped[str] = mapped_column(Text(collation="C"))
    at: Mapped[datetime]
    amount: Mapped[Money]


class ProductGroup(Base):
    """A group of products; `path` holds the codes from the root to the group itself."""

    __tablename__ = "product_groups"
    __table_args__ = (UniqueConstraint("account_id", "code"),)

    account_id: Mapped[AccountId]
    id: Mapped[Id]
    code: Mapped[Code]
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    path: Mapped[list[str]] = mapped_column(ARRAY(Text(collation="C")))


class Product(Base):
    """A product by the code of its source; one that a line names first is made without a group."""

    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("account_id", "code"), Index(None, "account_id", "group_id"))

    account_id: Mapped[AccountId]
    id: Mapped[Id]
    code: Mapped[Code]
    name: Mapped[str]
    group_id: Mapped[int | None]
