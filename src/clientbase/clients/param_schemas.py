"""Shapes of custom params of clients and of orders."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from clientbase.kit.schema import Bool, Code, Instant, Line, Shape

ParamType = Literal["text", "number", "date", "boolean", "choice"]
ChoiceCode = Annotated[str, StringConstraints(min_length=1, max_length=100)]
MAX_CHOICES = 1000


class ChoiceIn(Shape):
    """A value of a choice param; without a code one is made from the name."""

    code: Code | None = None
    name: Line


class ChoiceOut(Shape):
    """A value of a choice param."""

    code: str = Field(max_length=100)
    name: str = Field(max_length=255)


class ParamIn(Shape):
    """A new param; its code and type never change."""

    code: Code | None = None
    name: Line
    type: ParamType
    personal: Bool = Field(default=False, description="Read, filtered and sorted only with clients:personal")
    choices: list[ChoiceIn] = Field(default_factory=list, max_length=MAX_CHOICES)


class ParamPatch(Shape):
    """A change of a param; `choices`, where given, are all of them: a used one cannot be left out."""

    name: Line | None = None
    personal: Bool | None = None
    choices: list[ChoiceIn] | None = Field(default=None, max_length=MAX_CHOICES)


class ParamOut(Shape):
    """A custom param."""

    code: str = Field(max_length=63, examples=["size"])
    name: str = Field(max_length=255)
    type: ParamType
    personal: bool
    choices: list[ChoiceOut] = Field(max_length=MAX_CHOICES)
    created_at: Instant
    updated_at: Instant
