"""Whatever filters read tells of its changes: triggers of the base are those that the models declare."""

import asyncpg

from clientbase.filters import check, plan
from clientbase.filters.reads import tables_read
from clientbase.models import Base
from clientbase.models.feeds import FEEDS, REVISED, triggers
from tests.databases import Databases
from tests.filters.samples import CATALOGUE, every_way, tree

OURS = """
SELECT tgrelid::regclass || ': ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1
"""


async def test_triggers_are_those_that_the_models_declare(databases: Databases) -> None:
    connection = await asyncpg.connect(databases.clone("declared_triggers").owner_url)
    try:
        made = [row[0] for row in await connection.fetch(OURS)]
        for row in await connection.fetch(
            "SELECT tgrelid::regclass AS of, tgname FROM pg_trigger WHERE NOT tgisinternal"
        ):
            await connection.execute(f"DROP TRIGGER {row['tgname']} ON {row['of']}")
        for statement in triggers():
            await connection.execute(statement)
        assert made == [row[0] for row in await connection.fetch(OURS)]
        assert len(made) > 50
    finally:
        await connection.close()


def test_every_table_that_filters_read_is_fed_or_revised() -> None:
    known = {model.__tablename__ for model in (*FEEDS, *REVISED)}
    read: set[str] = set()
    for node in every_way():
        for leaf in plan(check(tree(node), CATALOGUE), CATALOGUE).leaves.values():
            read |= tables_read(leaf)
    assert read <= known
    assert known <= Base.metadata.tables.keys()
    assert read == known, "a table is fed that no filter reads"
