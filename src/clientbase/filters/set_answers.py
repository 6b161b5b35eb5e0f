"""Sets in SQL that can be asked a condition: arrays, and what the lines of an order hold."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, any_, func, select

from clientbase.filters.answers import Answer, Clause, bind_list
from clientbase.filters.conditions import Among, Condition, HasAll
from clientbase.filters.sources import Rows
from clientbase.models import OrderLine, Product, ProductGroup


class ArraySet(Answer):
    """An array of elements; `element` is what stands for it where distinct ones are counted."""

    def __init__(self, array: ColumnElement[Any], element: ColumnElement[Any]) -> None:
        self.array, self.element = array, element

    def holds(self, condition: Condition) -> Clause:
        """True where the condition holds; false or NULL elsewhere."""
        if isinstance(condition, Among):
            return self.array.op("&&", is_comparison=True)(bind_list(condition.values))
        if isinstance(condition, HasAll):
            return self.array.op("@>", is_comparison=True)(bind_list(condition.values))
        return func.cardinality(self.array) > 0


class OrderItems(Answer):
    """The products of an order, or their groups with the groups above them."""

    def __init__(self, rows: Rows, groups: bool) -> None:
        self.rows, self.groups = rows, groups

    @property
    def element(self) -> ColumnElement[Any]:  # type: ignore[override]
        """The product's code, or its own group's, joined to the row: a row for each line."""
        return self.rows.items(self.groups).c.code

    def holds(self, condition: Condition) -> Clause:
        """True where the condition holds, false elsewhere."""
        items = _Items(self.rows, self.groups)
        if not isinstance(condition, Among | HasAll):
            return items.lines.exists()
        some = items.lines.where(items.one_of(condition)).exists()
        return some if isinstance(condition, Among) else and_(some, items.all_of(condition))


class _Items:
    """A subquery over the lines of the row's order, for one condition."""

    def __init__(self, rows: Rows, groups: bool) -> None:
        line = OrderLine.__table__.alias()
        product = Product.__table__.alias()
        group = ProductGroup.__table__.alias()
        tables = line.join(
            product, and_(product.c.account_id == line.c.account_id, product.c.id == line.c.product_id)
        )
        if groups:
            known = and_(group.c.account_id == product.c.account_id, group.c.id == product.c.group_id)
            tables = tables.join(group, known)
        self.path: ColumnElement[Any] | None = group.c.path if groups else None
        self.code: ColumnElement[Any] = product.c.code
        self.lines: Select[Any] = (
            select(1)
            .select_from(tables)
            .where(line.c.account_id == rows.account, line.c.order_id == rows.order_id)
            .correlate(rows.base)
        )

    def one_of(self, condition: Among | HasAll) -> Clause:
        values = bind_list(condition.values)
        if self.path is not None:
            return self.path.op("&&", is_comparison=True)(values)
        return self.code == any_(values)

    def all_of(self, condition: HasAll) -> Clause:
        """Asked after `one_of`, which is quick and leaves few orders."""
        column = self.code if self.path is None else func.unnest(self.path)
        held = func.array(self.lines.with_only_columns(column).scalar_subquery())
        return held.op("@>", is_comparison=True)(bind_list(condition.values))
