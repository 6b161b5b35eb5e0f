"""Segments, their stored members as bitmaps, their changes, and what their filters use."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, Integer, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from clientbase.models.base import AccountId, AccountKey, Base, Code, Folded, Id, of_client


def of_segment() -> ForeignKeyConstraint:
    """The link to a segment."""
    return ForeignKeyConstraint(
        ["account_id", "segment_id"], ["segments.account_id", "segments.id"], ondelete="CASCADE"
    )


class Segment(Base):
    """A saved cut of the base. `version` counts memberships, `definition_revision` edits of the filter."""

    __tablename__ = "segments"
    __table_args__ = (UniqueConstraint("account_id", "code"), Index(None, "account_id", "due_at"))

    account_id: Mapped[AccountId]
    id: Mapped[Id]
    code: Mapped[Code]
    name: Mapped[str]
    name_folded: Mapped[Folded]
    description: Mapped[str | None]
    owner: Mapped[str | None]
    kind: Mapped[Code]
    """dynamic, static or manual"""
    filter: Mapped[dict[str, Any] | None]
    is_active: Mapped[bool]
    for_analytics: Mapped[bool]
    recalculation_hours: Mapped[int] = mapped_column(Integer)
    """A full recount every so many hours (dynamic)."""
    shrink_limit_percent: Mapped[int] = mapped_column(Integer, server_default="50")
    """The largest share of the members that may leave at once without a person's consent."""
    accepted_leaving: Mapped[int] = mapped_column(server_default="0")
    """How many may leave with the next members whatever the limit: a person has consented to them."""
    state: Mapped[Code]
    """new, computing, ready, failed, needs_review, inactive"""
    error_code: Mapped[Code | None]
    error_detail: Mapped[str | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    definition_revision: Mapped[int] = mapped_column(server_default="1")
    computed_revision: Mapped[int] = mapped_column(server_default="0")
    """The revision of the filter that the members belong to; another one means an edit not yet computed."""
    announce: Mapped[bool] = mapped_column(server_default="false")
    """Whether the next members, of a first fill or an edited filter, are told to timelines and triggers."""
    reads_personal: Mapped[bool] = mapped_column(server_default="false")
    """Whether the filter itself reads personal fields; what it reads through segments is found at use."""
    version: Mapped[int] = mapped_column(server_default="0")
    size: Mapped[int | None]
    computed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revision: Mapped[int] = mapped_column(server_default="1")
    """Counts edits of any kind: the ETag."""

    @hybrid_property
    def is_live(self) -> bool:
        """Whether the live loop keeps it; others are computed by runs first. In SQL too."""
        is_computed = (self.version > 0) & (self.computed_revision == self.definition_revision)
        return is_computed & self.is_active & (self.kind == "dynamic") & (self.state == "ready")


class SegmentMembership(Base):
    """The members of a segment now: one roaring bitmap of client ids, swapped whole.

    It is kept as a base and the drift from it, so that a few who enter or leave a segment of a million do not
    write it anew: an UPDATE leaves a large value that it does not name where it lies.
    """

    __tablename__ = "segment_memberships"
    __table_args__ = (of_segment(),)

    account_id: Mapped[AccountKey]
    segment_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    base: Mapped[bytes] = mapped_column(LargeBinary)
    drift: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("''"))
    """The ids in which the members differ from the base."""
    computed_at: Mapped[datetime]


class SegmentPin(Base):
    """A client that a person keeps in a segment, or out of it, whatever its filter says."""

    __tablename__ = "segment_pins"
    __table_args__ = (of_segment(), of_client(), Index(None, "account_id", "client_id"))

    account_id: Mapped[AccountKey]
    segment_id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(primary_key=True)
    keeps_in: Mapped[bool]
    created_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SegmentChange(Base):
    """A version of a membership: when, why, who entered and who left; the point of the size history."""

    __tablename__ = "segment_changes"
    __table_args__ = (
        of_segment(),
        Index(None, "account_id", "segment_id", "at"),
        Index("ix_segment_changes_untold", "account_id", "at", postgresql_where=text("untold > 0")),
    )

    account_id: Mapped[AccountKey]
    segment_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    cause: Mapped[Code]
    """first_fill, edit, data, hand, client_deleted, merge"""
    run_id: Mapped[int | None]
    size: Mapped[int]
    entered: Mapped[bytes] = mapped_column(LargeBinary)
    left: Mapped[bytes] = mapped_column(LargeBinary)
    entered_count: Mapped[int]
    left_count: Mapped[int]
    untold: Mapped[int] = mapped_column(server_default="0")
    """How many of these events, the last ones in the order of the feed, timelines are still to be told of."""


class SegmentDependency(Base):
    """What the filter of a segment uses: another segment, a tag, a param, an action type, a choice."""

    __tablename__ = "segment_dependencies"
    __table_args__ = (of_segment(), Index(None, "account_id", "kind", "code"))

    account_id: Mapped[AccountKey]
    segment_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Code] = mapped_column(primary_key=True)
    """segment, tag, client_param, order_param, action_type, action_param, choice"""
    code: Mapped[Code] = mapped_column(primary_key=True)
