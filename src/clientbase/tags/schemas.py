"""Shapes of tags."""

from typing import Annotated

from pydantic import Field, StringConstraints

from clientbase.kit.schema import Code, Instant, Line, Shape

Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
DEFAULT_COLOR = "#8c8c8c"


class TagIn(Shape):
    """A new tag; without a code one is made from the name."""

    code: Code | None = None
    name: Line
    color: Color = DEFAULT_COLOR


class TagPatch(Shape):
    """A change of a tag; its code never changes."""

    name: Line | None = None
    color: Color | None = None


class TagOut(Shape):
    """A tag and how many clients carry it."""

    code: str = Field(max_length=63, examples=["vip"])
    name: str = Field(max_length=255)
    color: str = Field(max_length=7)
    clients_count: int = Field(ge=0)
    created_at: Instant
    updated_at: Instant
