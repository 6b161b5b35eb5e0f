"""Small bases of clients for tests of search and segments, and ways to ask for them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, writing
from clientbase.loading.clients.rows import ClientRow
from clientbase.loading.clients.service import upsert

CITIES = ("Москва", "Казань", "Ёлкино", "елец", None)
START = datetime(2026, 1, 1, tzinfo=UTC)
_STATS = text(
    "UPDATE client_stats SET revenue = given.revenue, last_order_at = given.last_order_at "
    "FROM unnest(CAST(:ids AS bigint[]), CAST(:revenue AS bigint[]), CAST(:times AS timestamptz[])) "
    "AS given (id, revenue, last_order_at) WHERE account_id = :account_id AND client_id = given.id"
)


@dataclass(frozen=True)
class Known:
    """What a test knows of a client that it has made."""

    id: int
    full_name: str
    city: str | None
    revenue: int
    """Minor units."""
    last_order_at: datetime | None
    phone: str
    external_id: str
    created_at: datetime


async def make_base(sessions: Sessions, account: AccountInfo, count: int, seed: int = 1) -> list[Known]:
    """Clients with many equal and many missing values to sort and filter by."""
    rng = random.Random(seed)
    rows = [_row(rng, number) for number in range(count)]
    async with writing(sessions) as session:
        given = [ClientRow(values) for values in rows]
        outcomes = await upsert(session, account=account, rows=given, actor="test")
        ids = [outcome.id for outcome in outcomes]
        revenue = [rng.choice((0, 0, 150_000, 1_000_000, rng.randrange(10**7))) for _ in rows]
        times = [rng.choice((None, START + timedelta(hours=rng.randrange(50)))) for _ in rows]
        values = {"account_id": account.id, "ids": ids, "revenue": revenue, "times": times}
        await session.execute(_STATS, values)
    facts = zip(ids, rows, revenue, times, strict=True)
    return [_known(client_id or 0, row, amount, at) for client_id, row, amount, at in facts]


def _row(rng: random.Random, number: int) -> dict[str, Any]:
    return {
        "full_name": f"{rng.choice(('Ёжиков', 'Егоров', 'Жуков', 'ежов'))} {rng.choice(('Иван', 'Пётр'))}",
        "city": rng.choice(CITIES),
        "phones": [{"value": f"+7916{number:07d}"}],
        "identities": [{"source": "crm", "external_id": f"C-{number}"}],
        "created_at": START + timedelta(minutes=rng.randrange(100)),
    }


def _known(client_id: int, row: dict[str, Any], revenue: int, at: datetime | None) -> Known:
    return Known(
        client_id,
        row["full_name"],
        row["city"],
        revenue,
        at,
        row["phones"][0]["value"],
        row["identities"][0]["external_id"],
        row["created_at"],
    )


def field(code: str, operator: str, value: Any = None) -> dict[str, Any]:
    """A leaf over a field."""
    leaf = {"type": "field", "field": code, "operator": operator}
    return leaf if value is None else {**leaf, "value": value}


def tree(*nodes: dict[str, Any], match: str = "all", negate: bool = False) -> dict[str, Any]:
    """A filter of nodes."""
    group = {"type": "group", "match": match, "negate": negate, "nodes": list(nodes)}
    return {"version": 1, "root": group}


def in_segment(*codes: str, operator: str = "in") -> dict[str, Any]:
    """A leaf over segments."""
    return {"type": "segment", "operator": operator, "value": list(codes)}


async def all_pages(
    api: httpx.AsyncClient, path: str, body: dict[str, Any], limit: int = 7
) -> list[list[dict[str, Any]]]:
    """Every page of a POST, from the first to the last."""
    pages: list[list[dict[str, Any]]] = []
    cursor: str | None = None
    while True:
        asked = {**body, "limit": limit} | ({"cursor": cursor} if cursor else {})
        answer = await api.post(path, json=asked)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json()["items"])
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return pages


def ids_of(pages: Sequence[Sequence[dict[str, Any]]]) -> list[int]:
    """The ids of all pages in their order."""
    return [item["id"] for page in pages for item in page]
