"""Birthdays without their year are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_0745"
down_revision = "20261122_1400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_clients_by_birthday",
        "clients",
        [
            "account_id",
            sa.text("(((EXTRACT(month FROM birth_date) * 100 + EXTRACT(day FROM birth_date)))::integer)"),
            "id",
        ],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_clients_by_birthday", table_name="clients")
