"""Shapes of searching, listing and counting clients."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from clientbase.clients.view_schemas import ClientOut
from clientbase.kit.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, PageRequest, Total
from clientbase.kit.schema import Bool, Instant, Shape
from clientbase.search.filter_schema import Filter

MAX_VALUES = 1000
MAX_TEXTS = 50
Text = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Texts = Annotated[list[Text], Field(max_length=MAX_TEXTS)]
Codes = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=16_000)]], Field(max_length=MAX_VALUES)
]
Bound = Annotated[str, StringConstraints(min_length=1, max_length=64)] | None
Sort = Annotated[str, StringConstraints(min_length=1, max_length=255)] | None
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=80)]

EXAMPLE_FILTER = {
    "version": 1,
    "root": {
        "type": "group",
        "match": "all",
        "nodes": [
            {"type": "field", "field": "revenue", "operator": "gte", "value": "5000.00"},
            {"type": "field", "field": "last_order_at", "operator": "before", "value": "now-90d/d"},
        ],
    },
}


def _codes(about: str) -> Any:
    return Field(default_factory=list, description=f"{about}; several by commas or by repeating: any of them")


def _texts(about: str) -> Any:
    return Field(default_factory=list, description=f"{about}; several by repeating: any of them")


def _bound(about: str) -> Any:
    return Field(
        default=None,
        description=f"{about}: a day, an instant or date math (`now-7d/d`)",
        examples=["2026-09-01"],
    )


class PageQuery(Shape):
    """Which part of a list; lists with further parameters add them here, so that unknown ones are refused."""

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Rows of a page")
    cursor: str | None = Field(default=None, max_length=4096, description="`next_cursor` of the page before")
    count: Annotated[str, StringConstraints(pattern="^(exact|none)$")] = Field(
        default="exact", description="`none` leaves the total out"
    )

    def page(self) -> PageRequest:
        """Which part of the list."""
        return PageRequest(self.limit, self.cursor, self.count == "exact")


class ClientListQuery(PageQuery):
    """The partner filter: AND between parameters, OR between the values of one."""

    segment: Codes = _codes("Codes of segments")
    segment_not: Codes = _codes("Codes of segments that clients are in none of")
    tag: Codes = _codes("Codes of tags")
    tag_not: Codes = _codes("Codes of tags that clients have none of")
    id: Codes = _codes("Ids of clients")
    phone: Codes = _codes("Phones, in any spelling")
    email: Codes = _codes("E-mails")
    source: Codes = _codes("Sources")
    manager: Codes = _codes("Managers by the code of their source")
    shop: Codes = _codes("Shops by the code of their source")
    gender: Codes = _codes("Genders")
    loyalty_level: Codes = _codes("Loyalty levels")
    external_id: Texts = _texts("Ids in a source")
    card_number: Texts = _texts("Numbers of cards")
    city: Texts = _texts("Cities")
    created_from: Bound = _bound("Created at or after")
    created_to: Bound = _bound("Created at or before")
    updated_from: Bound = _bound("Changed at or after")
    updated_to: Bound = _bound("Changed at or before")
    last_order_from: Bound = _bound("Last order at or after")
    last_order_to: Bound = _bound("Last order at or before")
    last_purchase_from: Bound = _bound("Last purchase at or after")
    last_purchase_to: Bound = _bound("Last purchase at or before")
    q: Texts = Field(
        default_factory=list, description="Quick search over the whole card; may repeat: any of them"
    )
    sort: Sort = Field(default=None, examples=["-revenue,last_order_at"])
    fields: str | None = Field(default=None, max_length=8000, examples=["id,full_name,params.size"])

    def names(self) -> list[str] | None:
        """The fields to show."""
        return split(self.fields) if self.fields is not None else None


def split(text: str) -> list[str]:
    """Values between commas, blanks left out."""
    return [part.strip() for part in text.split(",") if part.strip()]


class ClientSet(Shape):
    """Which clients: those of the filter (null: everyone) who match any of the texts, if there are any."""

    filter: Filter | None = Field(default=None, examples=[EXAMPLE_FILTER])
    q: Texts = Field(default_factory=list, description="Quick search over the whole card: any of them")


class ClientSearch(ClientSet):
    """A page of the clients that a filter means."""

    sort: Sort = Field(default=None, examples=["-revenue,last_order_at"])
    fields: Annotated[list[FieldName], Field(max_length=500)] | None = Field(
        default=None, examples=[["id", "full_name", "params.size"]]
    )
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, strict=True)
    cursor: str | None = Field(default=None, max_length=4096)
    count: Bool = Field(default=True, description="false leaves the total out")

    def page(self) -> PageRequest:
        """Which part of the list."""
        return PageRequest(self.limit, self.cursor, self.count)


class ClientPage(Page[ClientOut]):
    """A page of clients; `as_of` is the oldest instant that it rests on (stored members of segments)."""

    as_of: Instant


class ClientCount(Shape):
    """How many clients a filter means."""

    total: Total
    as_of: Instant


class FilterIn(Shape):
    """A filter."""

    filter: Filter | None = Field(examples=[EXAMPLE_FILTER])


class FilterDescription(Shape):
    """A filter in words, in the language of Accept-Language."""

    text: str = Field(max_length=10_000_000)
    locale: str = Field(max_length=2)
