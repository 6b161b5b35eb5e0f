"""What tables tell the live engine of their changes, and the triggers that do it, so that no path can forget.

A statement on a table with clients writes their ids down once, under the facet that the table feeds; a
statement on a table without clients raises its revision, which is part of the name of every leaf over it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from clientbase.models.accounts import Account
from clientbase.models.actions import Action
from clientbase.models.base import Base
from clientbase.models.clients import (
    Client,
    ClientContact,
    ClientIdentity,
    ClientStats,
    ClientTag,
    ClientVisits,
)
from clientbase.models.orders import Order, OrderLine, OrderStatusChange, Product, ProductGroup, Refund
from clientbase.models.params import ClientParamValue, OrderParamValue
from clientbase.models.segments import SegmentChange


@dataclass(frozen=True)
class Feed:
    """How a table's rows name the client, and whether each type of them is a facet of its own."""

    client: str = "client_id"
    by_type: bool = False

    @property
    def function(self) -> str:
        """The trigger function that writes the changes down."""
        return "log_changes_by_type" if self.by_type else f"log_changes_by_{self.client}"


FEEDS: dict[type[Base], Feed] = {
    Client: Feed(client="id"),
    ClientContact: Feed(),
    ClientIdentity: Feed(),
    ClientParamValue: Feed(),
    ClientStats: Feed(),
    ClientTag: Feed(),
    ClientVisits: Feed(),
    Order: Feed(),
    OrderLine: Feed(),
    OrderParamValue: Feed(),
    OrderStatusChange: Feed(),
    Refund: Feed(),
    Action: Feed(by_type=True),
}
"""Tables with clients that filters read; each is a facet, actions one by type."""
REVISED: tuple[type[Base], ...] = (Product, ProductGroup)
"""Tables without clients that filters read. A new row is in no line yet, so that it changes no answer."""


def facet(table: str, type_id: int | None = None) -> str:
    """The name of the facet of a table, or of the rows of one type in it."""
    return table if type_id is None else f"{table}:{type_id}"


def members_facet(segment_id: int) -> str:
    """The facet of the members of a segment: that they have changed is told there, without their ids."""
    return f"segment:{segment_id}"


ACCOUNT_FACET = Account.__tablename__
"""The facet of the account itself: its time zone decides what days are."""


def triggers() -> Iterator[str]:
    """The statements that make all triggers; their functions are made by the migrations."""
    for model, feed in FEEDS.items():
        yield from _on_statements(model, feed.function, ("insert", "update", "delete"))
        yield (
            f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {model.__tablename__} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        )
    for model in REVISED:
        yield from _on_statements(model, "raise_revision", ("update", "delete"))
    yield from _on_statements(SegmentChange, "log_members", ("insert",))
    yield from _on_statements(Account, "log_account", ("update",))


_ROWS = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS former NEW TABLE AS changed",
    "delete": "OLD TABLE AS changed",
}


def _on_statements(model: type[Base], function: str, operations: tuple[str, ...]) -> Iterator[str]:
    for operation in operations:
        yield (
            f"CREATE TRIGGER {function}_on_{operation} AFTER {operation.upper()} ON {model.__tablename__} "
            f"REFERENCING {_ROWS[operation]} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
