"""How far the live loop of each account has come."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_1100"
down_revision = "20261128_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_states",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_below", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("running", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("facets", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("wakes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seen_wakes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_live_states_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_live_states")),
    )
    op.execute(
        "CREATE FUNCTION log_members() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN "
        "INSERT INTO public.client_changes (account_id, facet, client_ids) "
        "SELECT DISTINCT account_id, 'segment:' || segment_id, '{}'::bigint[] FROM changed; "
        "RETURN NULL; "
        "END $$"
    )
    op.execute(
        "CREATE FUNCTION log_account() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN "
        "INSERT INTO public.client_changes (account_id, facet, client_ids) "
        "SELECT id, TG_TABLE_NAME, '{}'::bigint[] FROM changed; "
        "RETURN NULL; "
        "END $$"
    )
    op.execute(
        "CREATE TRIGGER log_account_on_update AFTER UPDATE ON accounts "
        "REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION log_account()"
    )
    op.execute(
        "CREATE TRIGGER log_members_on_insert AFTER INSERT ON segment_changes "
        "REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION log_members()"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION log_account() CASCADE")
    op.execute("DROP FUNCTION log_members() CASCADE")
    op.drop_table("live_states")
