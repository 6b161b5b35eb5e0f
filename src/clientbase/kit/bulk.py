"""Many rows in one statement: arrays through unnest, so that the SQL is the same for any number of rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, FromClause, and_, bindparam, column, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from clientbase.kit.db import WriteSession

Rows = Sequence[Sequence[Any]]


def rows_as_table(columns: Sequence[Any], rows: Rows, name: str = "given") -> FromClause:
    """The rows as a relation with the names and types of the columns."""
    arrays = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    binds = [
        bindparam(f"{name}_{target.name}", list(values), ARRAY(target.type, dimensions=1))
        for target, values in zip(columns, arrays, strict=True)
    ]
    return (
        func.unnest(*binds)
        .table_valued(*(column(target.name, target.type) for target in columns), name=name)
        .render_derived()
    )


async def upsert_rows(session: WriteSession, table: Any, names: Sequence[str], rows: Rows) -> None:
    """Insert rows, or overwrite those with the same primary key."""
    if not rows:
        return
    given = rows_as_table([table.c[name] for name in names], rows)
    statement = insert(table).from_select(list(names), select(*(given.c[name] for name in names)))
    values = {name: statement.excluded[name] for name in names if not table.c[name].primary_key}
    keys = list(table.primary_key.columns)
    if all(key.name in names for key in keys):
        statement = (
            statement.on_conflict_do_update(index_elements=keys, set_=values)
            if values
            else statement.on_conflict_do_nothing(index_elements=keys)
        )
    await session.execute(statement)


async def delete_rows(session: WriteSession, table: Any, keys: Sequence[str], rows: Rows) -> None:
    """Delete the rows with these keys."""
    if not rows:
        return
    given = rows_as_table([table.c[name] for name in keys], rows)
    await session.execute(delete(table).where(and_(*(table.c[name] == given.c[name] for name in keys))))
