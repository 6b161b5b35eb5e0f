"""Clients for facts to hang on, and short ways of writing orders."""

from datetime import UTC, datetime
from decimal import Decimal

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import WriteSession
from clientbase.loading.matching import ClientKey
from clientbase.loading.orders import LineRow, OrderRow
from clientbase.models import Client, ClientStats


async def make_clients(session: WriteSession, account: AccountInfo, count: int) -> list[int]:
    """Ids of new clients without any facts."""
    clients = [Client(account_id=account.id, full_name=f"Client {number}") for number in range(count)]
    session.add_all(clients)
    await session.flush()
    session.add_all(ClientStats(account_id=account.id, client_id=client.id) for client in clients)
    await session.flush()
    return [client.id for client in clients]


def day(number: int, hour: int = 12) -> datetime:
    """An instant of January 2026."""
    return datetime(2026, 1, number, hour, tzinfo=UTC)


def order(client_id: int | None, external_id: str = "1", **fields: object) -> OrderRow:
    """An order of the source `shop`."""
    client = ClientKey(id=client_id) if client_id is not None else None
    return OrderRow(source="shop", external_id=external_id, client=client, **fields)  # type: ignore[arg-type]


def line(product: str | None = None, quantity: str = "1", amount: str = "100") -> LineRow:
    """A line of an order."""
    return LineRow(product=product, quantity=Decimal(quantity), amount=Decimal(amount))
