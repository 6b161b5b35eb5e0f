"""SQL of imports: what columns may be called, and the runs that loaded files."""

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import select

from clientbase.kit.db import AnySession
from clientbase.kit.text import fold
from clientbase.models import FieldChoice, OrderStatus, Param, ParamChoice, Run, Tag
from clientbase.runs.filed import FiledRuns

RUN_KIND = "import_file"


class OwnParam(NamedTuple):
    """A custom param; `choices` are codes by folded name and code."""

    code: str
    name: str
    type: str
    choices: dict[str, str]


class ImportRepository:
    """What imports of one account read."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def params(self, entity: str) -> list[OwnParam]:
        """Custom params of clients or orders."""
        choices: dict[int, dict[str, str]] = defaultdict(dict)
        query = select(ParamChoice.param_id, ParamChoice.code, ParamChoice.name).where(
            ParamChoice.account_id == self.account_id
        )
        for param_id, code, name in await self.session.execute(query):
            choices[param_id] |= {fold(name): code, fold(code): code}
        params = select(Param.id, Param.code, Param.name, Param.type).where(
            Param.account_id == self.account_id, Param.entity == entity
        )
        return [OwnParam(*row[1:], choices[row[0]]) for row in await self.session.execute(params)]

    async def choices(self) -> dict[str, dict[str, str]]:
        """Of each choice field the codes by folded name and code."""
        query = select(FieldChoice.field, FieldChoice.code, FieldChoice.name).where(
            FieldChoice.account_id == self.account_id
        )
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for field, code, name in await self.session.execute(query):
            found[field] |= {fold(name): code, fold(code): code}
        return found

    async def tags(self) -> dict[str, str]:
        """Codes of tags by folded name and code."""
        query = select(Tag.code, Tag.name).where(Tag.account_id == self.account_id)
        rows = (await self.session.execute(query)).all()
        return {fold(name): code for code, name in rows} | {fold(code): code for code, _ in rows}

    async def statuses(self) -> dict[str, str]:
        """Codes of order statuses by folded name and code."""
        query = select(OrderStatus.code, OrderStatus.name).where(OrderStatus.account_id == self.account_id)
        rows = (await self.session.execute(query)).all()
        return {fold(name): code for code, name in rows} | {fold(code): code for code, _ in rows}


def imports_of(session: AnySession, account_id: int) -> FiledRuns:
    """The imports of one account with the files that they load."""
    return FiledRuns(session, account_id, kind=RUN_KIND, file_id=Run.params["file_id"].as_integer())
