"""Shapes of action types."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from clientbase.kit.schema import Code, Instant, Line, Shape

MAX_PARAMS = 100
MAX_CHOICES = 1000
ParamKind = Literal["text", "number", "money", "date", "datetime", "boolean", "choice", "reference"]
ChoiceCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]


class ChoiceIn(Shape):
    """A value that a choice param takes."""

    code: ChoiceCode | None = Field(default=None, description="Made from the name when absent")
    name: Line


class ActionParamIn(Shape):
    """A param of an action type; its code and type never change."""

    code: Code | None = Field(default=None, description="Made from the name when absent")
    name: Line
    type: ParamKind
    choices: list[ChoiceIn] | None = Field(default=None, max_length=MAX_CHOICES)


class ActionTypeIn(Shape):
    """A new action type."""

    code: Code | None = Field(default=None, description="Made from the name when absent", examples=["coupon"])
    name: Line = Field(examples=["Купон погашен"])
    params: list[ActionParamIn] = Field(default_factory=list, max_length=MAX_PARAMS)


class ActionTypePatch(Shape):
    """A change of an action type; `params`, where given, names all params that there are and may add some."""

    name: Line | None = None
    params: list[ActionParamIn] | None = Field(default=None, max_length=MAX_PARAMS)


class ChoiceOut(Shape):
    """A value that a choice param takes."""

    code: str = Field(max_length=63)
    name: str = Field(max_length=255)


class ActionParamOut(Shape):
    """A param of an action type."""

    code: str = Field(max_length=63)
    name: str = Field(max_length=255)
    type: ParamKind
    choices: list[ChoiceOut] = Field(max_length=MAX_CHOICES)


class ActionTypeOut(Shape):
    """An action type with its params."""

    code: str = Field(max_length=63, examples=["coupon"])
    name: str = Field(max_length=255)
    params: list[ActionParamOut] = Field(max_length=MAX_PARAMS)
    created_at: Instant
    updated_at: Instant
