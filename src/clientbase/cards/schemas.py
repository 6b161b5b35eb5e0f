"""The one shape of everything on a timeline."""

from typing import Any, Literal

from pydantic import Field

from clientbase.kit.schema import Id, Instant, Money, Shape

ItemKind = Literal[
    "visits", "deals", "events", "leads", "calls", "mailings", "loyalty", "history", "segments"
]
Kind = Literal[
    "all", "visits", "deals", "events", "leads", "calls", "mailings", "loyalty", "history", "segments"
]


class TimelineItem(Shape):
    """Something that happened to a client."""

    id: str = Field(max_length=64, examples=["purchase-1001"])
    kind: ItemKind
    type: str = Field(max_length=128, description="Code of the action; of the history `change`")
    at: Instant
    title: str = Field(max_length=512, description="By Accept-Language")
    amount: Money | None = Field(description="Money of a deal or an action that has any")
    params: dict[str, Any]
    order_id: Id | None
    source: str | None = Field(max_length=100)
    url: str | None = Field(max_length=2000)
