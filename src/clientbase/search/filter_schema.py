"""The filter tree as the description shows it: shapes for types and editors; `filters` alone reads trees."""

from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, StringConstraints, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import TypeAliasType

from clientbase.filters.limits import MAX_NODES, MAX_TEXT, MAX_VALUES
from clientbase.filters.operators import MEASURES, OPERATORS, SEGMENT_OPERATORS
from clientbase.kit.schema import Bool, Shape

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _one_of(codes: Any) -> Any:
    return WithJsonSchema({"type": "string", "enum": list(dict.fromkeys(codes))})


Operator = Annotated[str, _one_of(row.code for row in OPERATORS)]
SegmentOperator = Annotated[str, _one_of(SEGMENT_OPERATORS)]
Function = Annotated[str, _one_of(MEASURES)]
Scalar = Annotated[str, StringConstraints(max_length=MAX_TEXT)] | float


class FilterRange(Shape):
    """A range with both ends in it; either may be absent, not both."""

    since: Scalar | None = Field(default=None, alias="from", examples=["now-30d/d"])
    to: Scalar | None = Field(default=None, examples=["now"])


Value = Scalar | Annotated[list[Scalar], Field(min_length=1, max_length=MAX_VALUES)] | FilterRange | None


class FieldNode(Shape):
    """A property of the client, or in a `where` a param of the action."""

    type: Literal["field"]
    field: Name = Field(examples=["city"])
    operator: Operator
    value: Value = Field(
        default=None,
        description="One value, a list or a range, as the operator takes it: see /filter-fields",
        examples=[["Москва", "Казань"]],
    )
    ignore_year: Bool | None = Field(default=None, description="Of dates: days of any year")


class SegmentNode(Shape):
    """Membership in any of the segments."""

    type: Literal["segment"]
    operator: SegmentOperator
    value: list[Name] = Field(min_length=1, max_length=MAX_VALUES, examples=[["churned"]])


class Measure(Shape):
    """What is counted over the actions; `count` takes no param, the others need one."""

    function: Function
    param: Name | None = None


class WhereGroup(Shape):
    """AND (`all`) or OR (`any`) of conditions on one action."""

    type: Literal["group"]
    match: Literal["all", "any"]
    negate: Bool | None = None
    nodes: list["WhereNode"] = Field(min_length=1, max_length=MAX_NODES)


WhereNode = TypeAliasType("WhereNode", Annotated[WhereGroup | FieldNode, Field(discriminator="type")])


class ActionNode(Shape):
    """What the client did; without operator and value: at least once. Never: `count` `eq` 0."""

    type: Literal["action"]
    action: Name = Field(examples=["purchase"])
    measure: Measure | None = None
    operator: Operator | None = None
    value: Value = Field(default=None, examples=["5000.00"])
    period: FilterRange | None = Field(default=None, description="Of the action's time")
    where: WhereNode | None = None


class GroupNode(Shape):
    """AND (`all`) or OR (`any`) of its nodes, of any depth to the limit."""

    type: Literal["group"]
    match: Literal["all", "any"]
    negate: Bool | None = None
    nodes: list["FilterNode"] = Field(min_length=1, max_length=MAX_NODES)


FilterNode = TypeAliasType(
    "FilterNode",
    Annotated[GroupNode | FieldNode | ActionNode | SegmentNode, Field(discriminator="type")],
)


class FilterTree(Shape):
    """Which clients are meant."""

    version: Literal[1]
    root: FilterNode


class _Shown:
    """Describes a value by the schema of the tree, and leaves its reading to `filters`."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(FilterTree.__pydantic_core_schema__)


Filter = Annotated[dict[str, Any], _Shown()]
"""A filter as it is sent: parsed JSON, whose faults are all told at once by `filters`."""
