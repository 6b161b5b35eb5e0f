"""Members as a base and the drift from it; what roaring has packed is not packed again."""

import sqlalchemy as sa
from alembic import op
from pyroaring import BitMap64

revision = "20261128_1310"
down_revision = "20261128_1300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("segment_memberships", "members", new_column_name="base")
    op.add_column(
        "segment_memberships",
        sa.Column("drift", sa.LargeBinary(), server_default=sa.text("''"), nullable=False),
    )
    for column in ("base", "drift"):
        op.execute(f"ALTER TABLE segment_memberships ALTER COLUMN {column} SET STORAGE EXTERNAL")
    for column in ("entered", '"left"'):
        op.execute(f"ALTER TABLE segment_changes ALTER COLUMN {column} SET STORAGE EXTERNAL")


def downgrade() -> None:
    connection = op.get_bind()
    drifted = sa.text("SELECT account_id, segment_id, base, drift FROM segment_memberships WHERE drift <> ''")
    for account_id, segment_id, base, drift in connection.execute(drifted).all():
        members = BitMap64.deserialize(base) ^ BitMap64.deserialize(drift)
        connection.execute(
            sa.text(
                "UPDATE segment_memberships SET base = :members "
                "WHERE account_id = :account_id AND segment_id = :segment_id"
            ),
            {"members": members.serialize(), "account_id": account_id, "segment_id": segment_id},
        )
    op.drop_column("segment_memberships", "drift")
    op.alter_column("segment_memberships", "base", new_column_name="members")
    op.execute("ALTER TABLE segment_memberships ALTER COLUMN members SET STORAGE EXTENDED")
    for column in ("entered", '"left"'):
        op.execute(f"ALTER TABLE segment_changes ALTER COLUMN {column} SET STORAGE EXTENDED")
