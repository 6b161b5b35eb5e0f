"""Shapes in which products and groups of products are sent."""

from pydantic import Field

from clientbase.kit.schema import Line, Shape, SourceCode
from clientbase.loading.keep import KEEP
from clientbase.loading.products import GroupRow, ProductRow
from clientbase.loading.schemas import MAX_BATCH


class ProductIn(Shape):
    """A product by the code of its source; what is absent stays."""

    code: SourceCode = Field(examples=["tea-100"])
    name: Line | None = Field(default=None, description="The code when a new product has none")
    group: SourceCode | None = Field(default=None, description="Code of its group; null takes it out")

    def row(self) -> ProductRow:
        """The row of the upsert."""
        group = self.group if "group" in self.model_fields_set else KEEP
        return ProductRow(code=self.code, name=self.name, group=group)


class ProductBatch(Shape):
    """Up to 1000 products."""

    items: list[ProductIn] = Field(min_length=1, max_length=MAX_BATCH)


class ProductGroupIn(Shape):
    """A group of products by the code of its source; what is absent stays."""

    code: SourceCode = Field(examples=["tea"])
    name: Line | None = Field(default=None, description="The code when a new group has none")
    parent: SourceCode | None = Field(default=None, description="Code of the group above; null makes a root")

    def row(self) -> GroupRow:
        """The row of the upsert."""
        parent = self.parent if "parent" in self.model_fields_set else KEEP
        return GroupRow(code=self.code, name=self.name, parent=parent)


class ProductGroupBatch(Shape):
    """Up to 1000 groups; a parent may stand after its children."""

    items: list[ProductGroupIn] = Field(min_length=1, max_length=MAX_BATCH)
