"""SQL of what is read of clients: one statement for columns and what hangs off them, one for segments."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from pyroaring import BitMap64
from sqlalchemy import ARRAY, BigInteger, ColumnElement, Row, Select, and_, any_, bindparam, func, select

from clientbase.clients.view_columns import COLUMNS
from clientbase.clients.view_sources import SOURCES, Coded, Source
from clientbase.kit.bitmaps import unpack
from clientbase.kit.db import AnySession
from clientbase.models import Client, ClientStats, ClientVisits, Segment, SegmentMembership

_ACCOUNT = bindparam("account_id", type_=BigInteger)
_IDS = bindparam("ids", type_=ARRAY(BigInteger))


class ViewRepository:
    """Reads some clients of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def clients(
        self, columns: Iterable[str], sources: Iterable[str], ids: Sequence[int]
    ) -> Sequence[Row[Any]]:
        """Values of the columns, then an array of records for each source; clients in no order."""
        values = {"account_id": self.account_id, "ids": list(ids)}
        query = _statement(tuple(columns), tuple(sources))
        rows: Sequence[Row[Any]] = (await self.session.execute(query, values)).all()
        return rows

    async def segments(self, ids: Sequence[int]) -> dict[int, list[Coded]]:
        """Codes of the segments that hold each client, from the stored memberships."""
        query = (
            select(Segment.code, SegmentMembership.base, SegmentMembership.drift)
            .join(
                SegmentMembership,
                and_(
                    SegmentMembership.account_id == Segment.account_id,
                    SegmentMembership.segment_id == Segment.id,
                ),
            )
            .where(Segment.account_id == self.account_id)
            .order_by(Segment.code)
        )
        found: dict[int, list[Coded]] = defaultdict(list)
        wanted = BitMap64(ids)
        for code, base, drift in await self.session.execute(query):
            for client_id in unpack(base, drift) & wanted:
                found[client_id].append(Coded(code))
        return found


@lru_cache(maxsize=64)
def _statement(columns: tuple[str, ...], sources: tuple[str, ...]) -> Select[Any]:
    """Kept, since to build it takes longer than to read a card by it."""
    chosen = [COLUMNS[name] for name in columns]
    tables = {column.table for column in chosen}
    query = select(
        *(column.source.label(column.name) for column in chosen),
        *(_array(SOURCES[name]) for name in sources),
    ).select_from(Client)
    if "client_stats" in tables:
        query = query.join(ClientStats, _same_client(ClientStats))
    if "client_visits" in tables:
        query = query.outerjoin(ClientVisits, _same_client(ClientVisits))
    return query.where(Client.account_id == _ACCOUNT, Client.id == any_(_IDS))


def _array(source: Source) -> ColumnElement[Any]:
    """The records of one client, read by its key."""
    owner = source.owner
    rows = source.query.where(owner.account_id == _ACCOUNT, owner.client_id == Client.id)
    array: ColumnElement[Any] = func.array(rows.correlate(Client).scalar_subquery())
    return array.label(source.name)


def _same_client(model: type[Any]) -> ColumnElement[bool]:
    return and_(model.account_id == Client.account_id, model.client_id == Client.id)
