"""The shape of the filter catalogue; answers are written from rows, this documents them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from clientbase.filters.specs import Type
from clientbase.kit.schema import Bool, Int, Shape, Short
from clientbase.search.filter_schema import Function, Operator, SegmentOperator

MAX_ROWS = 100_000
Code = Annotated[str, Field(max_length=255)]
ValueSchema = Annotated[dict[str, Any], Field(description="A JSON schema of the value; null: it takes none")]


class Labelled(Shape):
    """A code with its name for people."""

    code: Code
    label: Short


class FieldOperator(Shape):
    """An operator that a field takes."""

    code: Operator
    label: Short
    value: ValueSchema | None
    ignore_year: Bool = Field(description="Whether it may be judged without the year")


class CatalogueField(Shape):
    """A field of clients, or a param of an action."""

    kind: Literal["field"]
    code: Code = Field(examples=["revenue"])
    label: Short = Field(examples=["Выручка"])
    group: Labelled | None
    type: Type
    operators: list[FieldOperator] = Field(max_length=100)
    personal: Bool = Field(description="Asked about only with the scope clients:personal")
    lookup: str | None = Field(
        max_length=255, description="Where values are looked up", examples=["/products"]
    )
    choices: list[Labelled] | None = Field(max_length=MAX_ROWS, description="All values that it takes")


class CatalogueMeasure(Shape):
    """What may be counted over an action, and the params that it may be taken of."""

    function: Function
    label: Short
    params: list[Code] = Field(max_length=1000)


class CatalogueAction(Shape):
    """Something that clients do."""

    kind: Literal["action"]
    code: Code = Field(examples=["purchase"])
    label: Short = Field(examples=["Покупка"])
    group: Labelled
    personal: Bool
    measures: list[CatalogueMeasure] = Field(max_length=100)
    params: list[CatalogueField] = Field(max_length=1000)


class CatalogueSegmentOperator(Shape):
    """An operator of a segment node."""

    code: SegmentOperator
    label: Short
    value: ValueSchema


class CatalogueSegment(Shape):
    """The segment node."""

    kind: Literal["segment"]
    code: Literal["segment"]
    operators: list[CatalogueSegmentOperator] = Field(max_length=10)
    lookup: str = Field(max_length=255)


class FilterLimits(Shape):
    """How large a filter may be."""

    depth: Int
    nodes: Int
    values: Int = Field(description="In one leaf")
    text_length: Int
    body_bytes: Int
    segment_levels: Int = Field(description="Of segments that refer to segments")


CatalogueRow = Annotated[CatalogueField | CatalogueAction | CatalogueSegment, Field(discriminator="kind")]


class FilterCatalogue(Shape):
    """Everything that filters of the account may name; a filter editor is built from it."""

    items: list[CatalogueRow] = Field(max_length=MAX_ROWS)
    limits: FilterLimits
