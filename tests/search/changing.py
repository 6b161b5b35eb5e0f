"""Random changes of a world in the tables: rows that filters read come, go, change and change hands."""

from random import Random

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from clientbase.models import Base
from clientbase.models.feeds import FEEDS, Feed

_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
_KEYS = {"account_id", "id", "client_id", "order_id", "param_id", "tag_id", "kind", "source", "external_id",
         "position", "type_id", "dedupe_key", "product_id", "value", "digits"}  # fmt: skip


class Changes:
    """Makes changes in one account, each in the session's transaction."""

    def __init__(self, session: AsyncSession, account_id: int, rng: Random) -> None:
        self.session = session
        self.account_id = account_id
        self.rng = rng

    async def make(self) -> str:
        """One change; says which. It is the same for the same state of `rng` and the same tables."""
        await self.session.execute(text("SELECT setseed(:seed)"), {"seed": self.rng.random()})
        ways = (self.mix, self.mix, self.remove, self.hand_over, self.copy_actions, self.remove_client,
                self.add_client, self.regroup)  # fmt: skip
        way = self.rng.choice(ways)
        model, feed = self.rng.choice(list(FEEDS.items()))
        await way(model, feed)
        return f"{way.__name__} of {model.__tablename__}"

    async def mix(self, model: type[Base], feed: Feed) -> None:
        """Some rows take all values but keys of others."""
        table = model.__tablename__
        names = (await self.session.scalars(text(_COLUMNS), {"table": table})).all()
        values = [name for name in names if name not in _KEYS]
        taken = ", ".join(f"{name} = other.{name}" for name in values)
        key = "kind" if table == "client_contacts" else "param_id" if "param" in table else "account_id"
        if not values:
            return
        await self._run(
            f"WITH pairs AS (SELECT a.ctid AS one, b.ctid AS two FROM {self._some(table)} AS a, "
            f"{self._some(table)} AS b WHERE a.{key} = b.{key} AND a.ctid <> b.ctid LIMIT 3) "
            f"UPDATE {table} AS row SET {taken} FROM pairs, {table} AS other "
            "WHERE row.ctid = pairs.one AND other.ctid = pairs.two AND row.account_id = :account"
        )

    async def remove(self, model: type[Base], feed: Feed) -> None:
        """Some rows go; not those that every client has."""
        if model.__tablename__ not in ("clients", "client_stats", "orders"):
            await self._run(
                f"DELETE FROM {model.__tablename__} WHERE ctid IN "
                f"(SELECT ctid FROM {self._some(model.__tablename__)} AS few LIMIT 2) "
                "AND account_id = :account"
            )

    async def hand_over(self, model: type[Base], feed: Feed) -> None:
        """Some actions, or orders with all their parts, are another client's from now on."""
        heir = "(SELECT id FROM clients WHERE account_id = :account ORDER BY random() LIMIT 1)"
        if self.rng.random() < 0.5:
            await self._run(
                f"UPDATE actions SET client_id = {heir} WHERE ctid IN "
                f"(SELECT ctid FROM {self._some('actions')} AS few LIMIT 2) AND account_id = :account"
            )
            return
        await self._run(
            f"UPDATE orders SET client_id = {heir} WHERE ctid IN "
            f"(SELECT ctid FROM {self._some('orders')} AS few LIMIT 2) AND account_id = :account"
        )
        for table in ("order_lines", "order_param_values", "order_status_history", "refunds"):
            await self._run(
                f"UPDATE {table} AS part SET client_id = orders.client_id FROM orders "
                "WHERE part.account_id = :account AND orders.account_id = :account "
                "AND orders.id = part.order_id AND orders.client_id <> part.client_id"
            )

    async def copy_actions(self, model: type[Base], feed: Feed) -> None:
        """Some actions are done once more, some days earlier or later."""
        await self._run(
            "INSERT INTO actions (account_id, id, client_id, type_id, at, amount, reference, params, folded) "
            "SELECT account_id, (SELECT max(id) FROM actions) + row_number() OVER (), client_id, type_id, "
            "at + random() * 40 * interval '1 day' - interval '20 days', "
            f"amount, reference, params, folded FROM {self._some('actions')} AS few LIMIT 3"
        )

    async def remove_client(self, model: type[Base], feed: Feed) -> None:
        """A client goes, and everything goes with it."""
        await self._run(
            "DELETE FROM clients WHERE account_id = :account AND id = "
            "(SELECT id FROM clients WHERE account_id = :account ORDER BY random() LIMIT 1)"
        )

    async def add_client(self, model: type[Base], feed: Feed) -> None:
        """A client comes, like another one."""
        await self._run(
            "WITH new AS (INSERT INTO clients (account_id, id, city, city_folded, gender, birth_date) "
            "SELECT account_id, (SELECT max(id) + 1 FROM clients), city, city_folded, gender, birth_date "
            "FROM clients "
            "WHERE account_id = :account ORDER BY random() LIMIT 1 RETURNING account_id, id) "
            "INSERT INTO client_stats (account_id, client_id, revenue) SELECT account_id, id, 5000 FROM new"
        )

    async def regroup(self, model: type[Base], feed: Feed) -> None:
        """A product lies in another group, or a group under another name."""
        await self._run(
            "UPDATE products SET group_id = (SELECT id FROM product_groups WHERE account_id = :account "
            "ORDER BY random() LIMIT 1) WHERE account_id = :account AND random() < 0.3"
        )

    async def _run(self, statement: str) -> None:
        await self.session.execute(text(statement), {"account": self.account_id})

    def _some(self, table: str) -> str:
        return f"(SELECT *, ctid FROM {table} WHERE account_id = :account ORDER BY random() LIMIT 4)"
