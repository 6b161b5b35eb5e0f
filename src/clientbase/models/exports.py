"""What exports were asked for that their runs may not keep."""

from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clientbase.models.base import AccountKey, Base


class ExportFilter(Base):
    """Whom a run exports by a filter: values in it may be personal, so it ends with the file of the run."""

    __tablename__ = "export_filters"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "run_id"], ["runs.account_id", "runs.id"], ondelete="CASCADE"),
    )

    account_id: Mapped[AccountKey]
    run_id: Mapped[int] = mapped_column(primary_key=True)
    filter: Mapped[dict[str, Any]]
