"""Shapes in which actions are sent."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from clientbase.kit.schema import Code, Instant, Shape, SourceCode
from clientbase.loading.actions.rows import ActionRow
from clientbase.loading.owners import ClientRef
from clientbase.loading.schemas import MAX_BATCH

TypeCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}(\.[a-z]{1,20})?$")]


class ActionIn(Shape):
    """Something that a client did; with an `external_id` the same one again replaces it."""

    type: TypeCode = Field(examples=["visit"])
    client: ClientRef
    at: Instant
    params: dict[Code, Any] = Field(
        default_factory=dict, max_length=200, description="By code; null is absent"
    )
    source: SourceCode = "api"
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None

    def row(self) -> ActionRow:
        """The row of the upsert."""
        return ActionRow(
            type=self.type,
            client=self.client.key(),
            at=self.at,
            params=self.params,
            source=self.source,
            external_id=self.external_id,
        )


class ActionBatch(Shape):
    """Up to 1000 actions, applied in their order."""

    items: list[ActionIn] = Field(min_length=1, max_length=MAX_BATCH)
