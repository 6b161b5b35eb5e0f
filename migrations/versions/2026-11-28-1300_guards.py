"""Limits of how many may leave a segment at once, and clients that are kept in one or out of it."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_1300"
down_revision = "20261128_1100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "segments", sa.Column("shrink_limit_percent", sa.Integer(), server_default="50", nullable=False)
    )
    op.add_column(
        "segments", sa.Column("accepted_leaving", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.create_table(
        "segment_pins",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("keeps_in", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "segment_id"],
            ["segments.account_id", "segments.id"],
            name=op.f("fk_segment_pins_account_id_segment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_segment_pins_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "segment_id", "client_id", name=op.f("pk_segment_pins")),
    )
    op.create_index("ix_segment_pins_account_id_client_id", "segment_pins", ["account_id", "client_id"])
    op.create_index(
        "ix_runs_in_review",
        "runs",
        ["account_id", "kind", "subject"],
        postgresql_where=sa.text("state = 'needs_review'"),
    )


def downgrade() -> None:
    op.drop_index("ix_runs_in_review", table_name="runs")
    op.drop_table("segment_pins")
    op.drop_column("segments", "accepted_leaving")
    op.drop_column("segments", "shrink_limit_percent")
