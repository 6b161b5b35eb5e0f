"""Shapes of segments."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from clientbase.clients.view_schemas import ClientOut
from clientbase.kit.paging import Total
from clientbase.kit.schema import Bool, Code, Id, Instant, Int, Line, Shape, Short
from clientbase.search.filter_schema import Filter
from clientbase.search.schemas import EXAMPLE_FILTER, FieldName, PageQuery, Sort

DEFAULT_HOURS = 4
MAX_HOURS = 24 * 31
MAX_MEMBER_IDS = 10_000
Description = Annotated[str, StringConstraints(max_length=4000)] | None
Hours = Annotated[int, Field(strict=True, ge=1, le=MAX_HOURS)]
DEFAULT_SHRINK_LIMIT = 50
Share = Annotated[int, Field(strict=True, ge=1, le=100)]
_SHRINK = (
    "When a calculation would remove a larger share of the members, and at least 100 of them, they stay "
    "until somebody has accepted it; 100: no limit"
)


class Kind(StrEnum):
    """How members are found."""

    DYNAMIC = "dynamic"
    STATIC = "static"
    MANUAL = "manual"


class State(StrEnum):
    """How the members stand to the definition."""

    NEW = "new"
    COMPUTING = "computing"
    READY = "ready"
    FAILED = "failed"
    NEEDS_REVIEW = "needs_review"
    INACTIVE = "inactive"


class SegmentIn(Shape):
    """A new segment; dynamic and static ones need a filter, a manual one has none."""

    code: Code | None = Field(default=None, description="Made from the name when absent; never changes")
    name: Line = Field(examples=["Спящие"])
    kind: Kind = Kind.DYNAMIC
    filter: Filter | None = Field(default=None, examples=[EXAMPLE_FILTER])
    description: Description = None
    owner: Line | None = None
    is_active: Bool = True
    for_analytics: Bool = False
    recalculation_hours: Hours = DEFAULT_HOURS
    shrink_limit_percent: Share = Field(default=DEFAULT_SHRINK_LIMIT, description=_SHRINK)
    announce: Bool = Field(
        default=False, description="Whether the first members are told to timelines and triggers as entered"
    )


class SegmentPatch(Shape):
    """A change of a segment; what is absent stays."""

    name: Line | None = None
    filter: Filter | None = None
    description: Description = None
    owner: Line | None = None
    is_active: Bool | None = None
    for_analytics: Bool | None = None
    recalculation_hours: Hours | None = None
    shrink_limit_percent: Share | None = Field(default=None, description=_SHRINK)
    announce: Bool = Field(
        default=False, description="Whether clients that enter or leave by an edited filter are told of"
    )
    accept_shrink: Bool = Field(
        default=False,
        description="Those who leave by the edited filter have been looked at (`edit-previews`): "
        "they are not put up for review",
    )

    @field_validator(
        "name", "filter", "is_active", "for_analytics", "recalculation_hours", "shrink_limit_percent"
    )
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        """Only texts that may be missing can be cleared by null."""
        if value is None:
            raise PydanticCustomError("null_not_allowed", "a value that is not null")
        return value


class CopyIn(Shape):
    """The name of a copy; code and name are made from the original's when absent."""

    code: Code | None = None
    name: Line | None = None


class SegmentError(Shape):
    """Why the last recalculation failed."""

    code: str = Field(max_length=64, examples=["FILTER_INVALID"])
    detail: str | None = Field(max_length=1000)


class Review(Shape):
    """What a person is to accept or to refuse: too many members would leave at once."""

    run_id: Id
    size: Int = Field(description="Members now")
    leaving: Int
    entering: Int


class Decision(StrEnum):
    """What a person says of members that would leave."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class ReviewIn(Shape):
    """A decision about what one run has put up for review."""

    run_id: Id
    decision: Decision


class Keep(StrEnum):
    """Where a pin keeps a client, whatever the filter says."""

    IN = "in"
    OUT = "out"


class PinsIn(Shape):
    """Clients to keep in a segment or out of it."""

    keep: Keep
    ids: list[Id] = Field(min_length=1, max_length=MAX_MEMBER_IDS)


class PinsChanged(Shape):
    """What became of the ids."""

    changed: Int = Field(description="Clients that are pinned, or not pinned, only since now")
    unchanged: Int
    unknown_ids: list[int] = Field(max_length=MAX_MEMBER_IDS)
    pins: Int = Field(description="Pins of the segment in all")


class PinOut(Shape):
    """A client that is kept in a segment or out of it."""

    client_id: Id
    keep: Keep
    created_at: Instant
    created_by: str | None = Field(max_length=255)


class SizePoint(Shape):
    """How many members there were from an instant on."""

    at: Instant
    size: Int


class SegmentOut(Shape):
    """A segment; nothing is evaluated to show it."""

    code: str = Field(max_length=63, examples=["sleeping"])
    name: str = Field(max_length=255)
    kind: Kind
    filter: Filter | None
    filter_hidden: Bool = Field(description="It reads personal data, and the key lacks clients:personal")
    description: str | None = Field(max_length=4000)
    owner: str | None = Field(max_length=255)
    is_active: Bool
    for_analytics: Bool
    recalculation_hours: int
    shrink_limit_percent: int
    state: State
    error: SegmentError | None
    review: Review | None = Field(description="What waits for somebody to accept or to refuse it")
    size: Int | None
    version: Int = Field(description="Grows with every change of the members")
    computed_at: Instant | None = Field(description="The instant that the members are true for")
    due_at: Instant | None = Field(description="When the next recalculation is due")
    lag_seconds: Int | None = Field(
        description="Of a live segment how long a change has been waiting, else how late its recalculation is"
    )
    created_at: Instant
    updated_at: Instant


class SegmentListed(SegmentOut):
    """A segment in a list, with a short series of its size."""

    series: list[SizePoint] = Field(max_length=50)


class SegmentListQuery(PageQuery):
    """Which segments, in what order."""

    kind: Kind | None = None
    is_active: bool | None = None
    state: State | None = None
    size_from: int | None = Field(default=None, ge=0, le=2**53)
    size_to: int | None = Field(default=None, ge=0, le=2**53)
    created_from: Instant | None = None
    created_to: Instant | None = None
    computed_from: Instant | None = Field(default=None, description="True for this instant or a later one")
    computed_to: Instant | None = Field(default=None, description="True for this instant or an earlier one")
    lag_from: int | None = Field(default=None, ge=0, le=2**31, description="At least so many seconds behind")
    lag_to: int | None = Field(default=None, ge=0, le=2**31, description="At most so many seconds behind")
    error: str | None = Field(default=None, pattern="^[A-Z_]{1,64}$", description="Code of the last error")
    has_error: bool | None = None
    q: str | None = Field(default=None, min_length=1, max_length=255, description="Part of the name")
    sort: Sort = Field(default=None, examples=["-size"])


class MemberIds(Shape):
    """Clients to add to or take out of a manual segment."""

    ids: list[Id] = Field(min_length=1, max_length=MAX_MEMBER_IDS)


class MembersChanged(Shape):
    """What became of the ids."""

    changed: Int = Field(description="Clients that entered or left")
    unchanged: Int = Field(description="Clients that were in it, or out of it, already")
    unknown_ids: list[int] = Field(max_length=MAX_MEMBER_IDS)
    size: Int


class PreviewIn(Shape):
    """A filter to look at before it is saved."""

    filter: Filter | None = Field(examples=[EXAMPLE_FILTER])
    limit: int = Field(default=10, ge=0, le=100, strict=True, description="Clients of the sample page")
    sort: Sort = None
    fields: Annotated[list[FieldName], Field(max_length=500)] | None = None


class EditPreviewIn(Shape):
    """Another filter for a segment, to look at before it is saved."""

    filter: Filter | None = Field(examples=[EXAMPLE_FILTER])
    limit: int = Field(default=10, ge=0, le=100, strict=True, description="Clients of each sample")
    fields: Annotated[list[FieldName], Field(max_length=500)] | None = None


class Reachable(Shape):
    """How many of the clients can be reached."""

    email: Int
    phone: Int
    marketing_consent: Int
    email_with_consent: Int
    phone_with_consent: Int


class PreviewOut(Shape):
    """What a filter means."""

    total: Total
    reachable: Reachable | None = Field(description="null without the scope clients:personal")
    sample: list[ClientOut] = Field(max_length=100)
    as_of: Instant


class EditPreviewOut(Shape):
    """What another filter would do to the members, at one instant: how many, and some of each."""

    enter: Int
    leave: Int
    stay: Int
    entering: list[ClientOut] = Field(max_length=100)
    leaving: list[ClientOut] = Field(max_length=100)
    staying: list[ClientOut] = Field(max_length=100)
    needs_review: Bool = Field(
        description="So many would leave that the edit is put up for review, unless it says `accept_shrink`"
    )
    as_of: Instant


class Event(Shape):
    """A client that entered or left."""

    version: Int
    at: Instant
    kind: Literal["entered", "left"]
    client_id: Id
    cause: str = Field(max_length=32, examples=["data"])


class MemberChange(Shape):
    """When a client last entered or left, and by what."""

    kind: Literal["entered", "left"]
    at: Instant
    version: Int
    cause: str = Field(max_length=32, examples=["data"])
    run_id: Id | None = Field(description="null when it followed a change of the base by itself")


class ExplainedNode(Shape):
    """A node of the filter with its truth for the client."""

    kind: Literal["group", "field", "action", "segment"]
    text: str = Field(max_length=10_000_000, description="In words, by Accept-Language")
    truth: Bool
    match: Literal["all", "any"] | None = Field(description="Of a group")
    negate: Bool
    values: list[Any] | None = Field(
        max_length=10_000, description="The client's own values of what a condition asks about"
    )
    nodes: list["ExplainedNode"] = Field(max_length=500)


class MemberOut(Shape):
    """Whether a client is in a segment, since when, and why."""

    client_id: Id
    is_member: Bool
    pin: Keep | None = Field(description="Where it is kept, whatever the filter says")
    computed_at: Instant = Field(description="The instant that `is_member` is true for")
    last_change: MemberChange | None
    tree: ExplainedNode | None = Field(
        description="The filter as of now; null without one, and where it is hidden from the key"
    )


class EventPage(Shape):
    """A part of the feed, oldest first; `resume_cursor` goes on from its end, also later.

    `total` is the number of all events, null with `count=none`.
    """

    items: list[Event] = Field(max_length=1000)
    next_cursor: str | None = Field(max_length=4096)
    resume_cursor: str | None = Field(max_length=4096)
    total: Total | None = None


class HistoryPoint(Shape):
    """A version of the members."""

    version: Int
    at: Instant
    size: Int
    entered: Int
    left: Int
    cause: str = Field(max_length=32, examples=["data"])


class Usage(Shape):
    """What uses a segment, and what it uses itself."""

    used_by_segments: list[Short] = Field(max_length=10_000)
    uses: dict[str, Annotated[list[Short], Field(max_length=10_000)]] = Field(
        description="Codes by kind: segment, tag, client_param …",
        examples=[{"segment": ["churned"], "tag": ["vip"]}],
    )
