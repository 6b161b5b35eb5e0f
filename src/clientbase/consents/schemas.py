"""Shapes of consents as they are read."""

from typing import Literal

from pydantic import Field

from clientbase.kit.schema import Bool, Instant, Shape


class ConsentRecord(Shape):
    """A consent given or withdrawn; of a kind the latest stands, and at the same time a withdrawal wins."""

    kind: Literal["marketing", "personal_data"]
    given: Bool
    at: Instant
    source: str | None = Field(max_length=255)
    text_version: str | None = Field(max_length=255)
