"""SQL of custom params."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, select

from clientbase.kit.bulk import delete_rows, upsert_rows
from clientbase.kit.db import AnySession, WriteSession, among
from clientbase.models import ClientParamValue, OrderParamValue, Param, ParamChoice

_VALUES: dict[str, type[ClientParamValue | OrderParamValue]] = {
    "client": ClientParamValue,
    "order": OrderParamValue,
}


class ParamRepository:
    """The params of one account and one entity: client or order."""

    def __init__(self, session: AnySession, account_id: int, entity: str) -> None:
        self.session = session
        self.account_id = account_id
        self.entity = entity

    async def by_code(self, code: str, *, lock: bool = False) -> Param | None:
        """One param, held until the end of the transaction with `lock`."""
        query = select(Param).where(*self._mine(), Param.code == code)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def codes(self) -> list[str]:
        """The codes of all params."""
        query = select(Param.code).where(*self._mine())
        return list((await self.session.execute(query)).scalars())

    async def page(self, *, after: str | None, limit: int) -> Sequence[Param]:
        """Params by code, after a code."""
        query = select(Param).where(*self._mine()).order_by(Param.code).limit(limit)
        if after is not None:
            query = query.where(Param.code > after)
        return (await self.session.execute(query)).scalars().all()

    async def total(self) -> int:
        """How many there are."""
        query = select(func.count()).select_from(Param).where(*self._mine())
        return (await self.session.execute(query)).scalar_one()

    async def choices(self, param_ids: Sequence[int]) -> dict[int, list[ParamChoice]]:
        """Choices of params, in their order."""
        query = (
            select(ParamChoice)
            .where(ParamChoice.account_id == self.account_id, among(ParamChoice.param_id, param_ids))
            .order_by(ParamChoice.param_id, ParamChoice.position)
        )
        found: dict[int, list[ParamChoice]] = {}
        for choice in (await self.session.execute(query)).scalars():
            found.setdefault(choice.param_id, []).append(choice)
        return found

    async def has_value(self, param_id: int, choice: str) -> bool:
        """Whether anything holds this choice."""
        values = _VALUES[self.entity]
        query = select(values.param_id).where(
            values.account_id == self.account_id, values.param_id == param_id, values.folded == choice
        )
        return (await self.session.execute(query.limit(1))).first() is not None

    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return Param.account_id == self.account_id, Param.entity == self.entity


async def write_choices(
    session: WriteSession, *, param: Param, kept: Sequence[tuple[str, str]], gone: Sequence[str]
) -> None:
    """Write the choices of a param in this order (code, name), and delete those that are gone."""
    rows = [(param.account_id, param.id, code, name, place) for place, (code, name) in enumerate(kept)]
    keys = [(param.account_id, param.id, code) for code in gone]
    await delete_rows(session, ParamChoice.__table__, ("account_id", "param_id", "code"), keys)
    names = ("account_id", "param_id", "code", "name", "position")
    await upsert_rows(session, ParamChoice.__table__, names, rows)


async def delete_param(session: WriteSession, param: Param) -> None:
    """Delete a param with its choices and all its values."""
    values = _VALUES[param.entity]
    tables: tuple[type[ClientParamValue | OrderParamValue | ParamChoice], ...] = (values, ParamChoice)
    for table in tables:
        await session.execute(
            delete(table).where(table.account_id == param.account_id, table.param_id == param.id)
        )
    await session.delete(param)
