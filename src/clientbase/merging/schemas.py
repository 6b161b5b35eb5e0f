"""Shapes of merges."""

from pydantic import Field

from clientbase.kit.schema import Id, Shape

MAX_MERGED = 100


class MergeIn(Shape):
    """Clients that are one: the survivor keeps its values, and takes those that it lacks from the others."""

    survivor_id: Id
    merged_ids: list[Id] = Field(min_length=1, max_length=MAX_MERGED)


class MergeOut(Shape):
    """What the merge did; the merged ids go on answering as the survivor."""

    survivor_id: Id
    merged_ids: list[Id] = Field(max_length=MAX_MERGED)
    moved: dict[str, int] = Field(description="Rows that became the survivor's, by table", max_length=100)
