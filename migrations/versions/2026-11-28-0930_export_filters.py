"""Filters of exports lie apart from their runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261128_0930"
down_revision = "20261128_0745"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "export_filters",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("filter", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "run_id"],
            ["runs.account_id", "runs.id"],
            name=op.f("fk_export_filters_account_id_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "run_id", name=op.f("pk_export_filters")),
    )
    op.execute(
        "INSERT INTO export_filters (account_id, run_id, filter)"
        " SELECT account_id, id, params -> 'filter' FROM runs"
        " WHERE kind = 'export_file' AND jsonb_typeof(params -> 'filter') = 'object'"
    )
    op.execute(
        "UPDATE runs SET params = params - 'filter'"
        " || jsonb_build_object('by_filter', coalesce(jsonb_typeof(params -> 'filter') = 'object', false))"
        " WHERE kind = 'export_file'"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE runs SET params = params - 'by_filter' || jsonb_build_object('filter', ("
        "  SELECT filter FROM export_filters"
        "  WHERE export_filters.account_id = runs.account_id AND export_filters.run_id = runs.id"
        " )) WHERE kind = 'export_file'"
    )
    op.drop_table("export_filters")
