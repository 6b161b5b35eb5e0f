"""SQL of what is read of clients: one statement for the columns, one for each kind of part."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pyroaring import BitMap64
from sqlalchemy import ColumnElement, Row, and_, select
from sqlalchemy.dialects.postgresql import distinct_on

from clientbase.clients.view_columns import Column
from clientbase.clients.view_parts import Rows
from clientbase.kit.db import AnySession, among
from clientbase.models import (
    Client,
    ClientConsent,
    ClientContact,
    ClientIdentity,
    ClientParamValue,
    ClientStats,
    ClientTag,
    ClientVisits,
    Param,
    Segment,
    SegmentMembership,
    Tag,
)


class SegmentCode(NamedTuple):
    """A segment that a client is in."""

    code: str


class ViewRepository:
    """Reads some clients of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def columns(self, columns: Sequence[Column], ids: Sequence[int]) -> Sequence[Row[Any]]:
        """The id and the values of the columns, in no order."""
        query = select(Client.id.label("_id"), *(column.source.label(column.name) for column in columns))
        tables = {column.table for column in columns}
        query = query.select_from(Client)
        if "client_stats" in tables:
            query = query.join(ClientStats, _same_client(ClientStats))
        if "client_visits" in tables:
            query = query.outerjoin(ClientVisits, _same_client(ClientVisits))
        query = query.where(Client.account_id == self.account_id, among(Client.id, ids))
        return (await self.session.execute(query)).all()

    async def contacts(self, ids: Sequence[int]) -> dict[int, Rows]:
        """Phones and e-mails, the primary of each kind first."""
        query = (
            select(
                ClientContact.client_id,
                ClientContact.kind,
                ClientContact.value,
                ClientContact.is_primary,
                ClientContact.verified,
            )
            .where(ClientContact.account_id == self.account_id, among(ClientContact.client_id, ids))
            .order_by(ClientContact.client_id, ClientContact.is_primary.desc(), ClientContact.value)
        )
        return await self._by_client(query)

    async def identities(self, ids: Sequence[int]) -> dict[int, Rows]:
        """Ids in sources."""
        table = ClientIdentity
        query = (
            select(table.client_id, table.source, table.external_id, table.url)
            .where(table.account_id == self.account_id, among(table.client_id, ids))
            .order_by(table.source, table.external_id)
        )
        return await self._by_client(query)

    async def params(self, ids: Sequence[int]) -> dict[int, Rows]:
        """Values of custom params by code."""
        value = ClientParamValue
        query = (
            select(
                value.client_id,
                Param.code,
                Param.personal,
                value.text,
                value.folded,
                value.number,
                value.day,
                value.boolean,
            )
            .join(Param, and_(Param.account_id == value.account_id, Param.id == value.param_id))
            .where(value.account_id == self.account_id, among(value.client_id, ids))
            .order_by(Param.code)
        )
        return await self._by_client(query)

    async def tags(self, ids: Sequence[int]) -> dict[int, Rows]:
        """Codes of tags."""
        query = (
            select(ClientTag.client_id, Tag.code)
            .join(Tag, and_(Tag.account_id == ClientTag.account_id, Tag.id == ClientTag.tag_id))
            .where(ClientTag.account_id == self.account_id, among(ClientTag.client_id, ids))
            .order_by(Tag.code)
        )
        return await self._by_client(query)

    async def consents(self, ids: Sequence[int]) -> dict[int, Rows]:
        """The latest consent of each kind; of two at one instant the withdrawal."""
        table = ClientConsent
        query = (
            select(table.client_id, table.kind, table.given, table.at, table.source, table.text_version)
            .ext(distinct_on(table.client_id, table.kind))
            .where(table.account_id == self.account_id, among(table.client_id, ids))
            .order_by(table.client_id, table.kind, table.at.desc(), table.given, table.id.desc())
        )
        return await self._by_client(query)

    async def segments(self, ids: Sequence[int]) -> dict[int, list[SegmentCode]]:
        """Codes of the segments that hold each client, from the stored memberships."""
        query = (
            select(Segment.code, SegmentMembership.members)
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
        found: dict[int, list[SegmentCode]] = defaultdict(list)
        wanted = BitMap64(ids)
        for code, members in await self.session.execute(query):
            for client_id in BitMap64.deserialize(members) & wanted:
                found[client_id].append(SegmentCode(code))
        return found

    async def _by_client(self, query: Any) -> dict[int, Rows]:
        found: dict[int, Rows] = defaultdict(list)
        rows: Iterable[Row[Any]] = await self.session.execute(query)
        for row in rows:
            found[row.client_id].append(row)
        return found


def _same_client(model: type[Any]) -> ColumnElement[bool]:
    return and_(model.account_id == Client.account_id, model.client_id == Client.id)
