"""Changes of members remember how many of their events timelines are still to be told of."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_1500"
down_revision = "20261128_1320"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "segment_changes",
        sa.Column("untold", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.create_index(
        "ix_segment_changes_untold",
        "segment_changes",
        ["account_id", "at"],
        postgresql_where=sa.text("untold > 0"),
    )


def downgrade() -> None:
    op.drop_index("ix_segment_changes_untold", table_name="segment_changes")
    op.drop_column("segment_changes", "untold")
