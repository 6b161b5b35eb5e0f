"""SQL of products and groups of products."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Column, Table, Text, func, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from clientbase.kit.bulk import rows_as_table
from clientbase.kit.db import AnySession, among
from clientbase.models import Product, ProductGroup

Rows = Sequence[tuple[str, str, str | None]]
"""Code, name, and code of the group above."""
_PRODUCTS: Table = Product.__table__  # type: ignore[assignment]
_GROUPS: Table = ProductGroup.__table__  # type: ignore[assignment]
_ABOVE = Column("above", Text(collation="C"))
_REFRESH_PATHS = text(
    """
    WITH RECURSIVE tree AS (
        SELECT id, ARRAY[code] AS path
        FROM product_groups WHERE account_id = :account_id AND parent_id IS NULL
        UNION ALL
        SELECT child.id, tree.path || child.code
        FROM product_groups child JOIN tree ON child.parent_id = tree.id
        WHERE child.account_id = :account_id
    )
    UPDATE product_groups SET path = tree.path
    FROM tree
    WHERE account_id = :account_id AND product_groups.id = tree.id AND product_groups.path <> tree.path
    """
)


class ProductRepository:
    """Products and groups of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def product_ids(self, codes: Collection[str]) -> dict[str, int]:
        """Ids of those codes that exist."""
        return await self._ids(Product, codes)

    async def group_ids(self, codes: Collection[str]) -> dict[str, int]:
        """Ids of those codes that exist."""
        return await self._ids(ProductGroup, codes)

    async def products(self, codes: Collection[str]) -> list[tuple[str, tuple[str, str | None]]]:
        """Name and group of those products that exist."""
        query = (
            select(Product.code, Product.name, ProductGroup.code)
            .outerjoin(ProductGroup, _in_group(Product.group_id))
            .where(Product.account_id == self.account_id, among(Product.code, list(codes)))
        )
        return [(row[0], (row[1], row[2])) for row in await self.session.execute(query)]

    async def groups(self) -> list[tuple[str, tuple[str, str | None]]]:
        """Name and parent of all groups."""
        parent = aliased(ProductGroup)
        query = (
            select(ProductGroup.code, ProductGroup.name, parent.code)
            .outerjoin(
                parent,
                (parent.account_id == ProductGroup.account_id) & (parent.id == ProductGroup.parent_id),
            )
            .where(ProductGroup.account_id == self.account_id)
        )
        return [(row[0], (row[1], row[2])) for row in await self.session.execute(query)]

    async def insert_products(self, rows: Rows) -> None:
        """New products; a group that is not known is none."""
        if rows:
            given = _given(rows)
            group = (ProductGroup.account_id == self.account_id) & (ProductGroup.code == given.c.above)
            values = select(literal(self.account_id), given.c.code, given.c.name, ProductGroup.id)
            source = values.select_from(given.outerjoin(ProductGroup, group))
            names = ["account_id", "code", "name", "group_id"]
            await self.session.execute(insert(_PRODUCTS).from_select(names, source))

    async def update_products(self, rows: Rows) -> None:
        """Name and group of products."""
        if rows:
            await self._update(_PRODUCTS, "group_id", rows)

    async def insert_groups(self, rows: Rows) -> None:
        """New groups, as roots; `update_groups` puts them under their parents."""
        if rows:
            given = _given(rows)
            source = select(literal(self.account_id), given.c.code, given.c.name, array([given.c.code]))
            names = ["account_id", "code", "name", "path"]
            await self.session.execute(insert(_GROUPS).from_select(names, source))

    async def update_groups(self, rows: Rows) -> None:
        """Name and parent of groups, and the paths of all that lies below them."""
        if rows:
            await self._update(_GROUPS, "parent_id", rows)
            await self.session.execute(_REFRESH_PATHS, {"account_id": self.account_id})

    async def product_page(self, *, after: str | None, limit: int) -> Sequence[Any]:
        """Products by code: id, code, name, code of the group, path."""
        query = (
            select(
                Product.id, Product.code, Product.name, ProductGroup.code.label("group"), ProductGroup.path
            )
            .outerjoin(ProductGroup, _in_group(Product.group_id))
            .where(Product.account_id == self.account_id)
        )
        return await self._page(query, Product, after, limit)

    async def group_page(self, *, after: str | None, limit: int) -> Sequence[Any]:
        """Groups by code: id, code, name, path."""
        columns = (ProductGroup.id, ProductGroup.code, ProductGroup.name, ProductGroup.path)
        query = select(*columns).where(ProductGroup.account_id == self.account_id)
        return await self._page(query, ProductGroup, after, limit)

    async def total(self, model: type[Product] | type[ProductGroup]) -> int:
        """How many there are."""
        query = select(func.count()).select_from(model).where(model.account_id == self.account_id)
        return (await self.session.execute(query)).scalar_one()

    async def _ids(self, model: type[Product] | type[ProductGroup], codes: Collection[str]) -> dict[str, int]:
        if not codes:
            return {}
        query = select(model.code, model.id).where(
            model.account_id == self.account_id, among(model.code, list(codes))
        )
        return dict((await self.session.execute(query)).all())

    async def _page(
        self, query: Any, model: type[Product] | type[ProductGroup], after: str | None, limit: int
    ) -> Sequence[Any]:
        if after is not None:
            query = query.where(model.code > after)
        page: Sequence[Any] = (await self.session.execute(query.order_by(model.code).limit(limit))).all()
        return page

    async def _update(self, table: Table, link: str, rows: Rows) -> None:
        given = _given(rows)
        above = aliased(ProductGroup)
        linked = (
            select(given.c.code, given.c.name, above.id.label("above_id"))
            .select_from(
                given.outerjoin(above, (above.account_id == self.account_id) & (above.code == given.c.above))
            )
            .subquery("linked")
        )
        statement = (
            update(table)
            .values({"name": linked.c.name, link: linked.c.above_id})
            .where(table.c.account_id == self.account_id, table.c.code == linked.c.code)
        )
        await self.session.execute(statement)


def _given(rows: Rows) -> Any:
    return rows_as_table([_PRODUCTS.c.code, _PRODUCTS.c.name, _ABOVE], rows)


def _in_group(group_id: Any) -> Any:
    return (ProductGroup.account_id == Product.account_id) & (ProductGroup.id == group_id)
