"""The log of changes: which clients a statement has changed, in what, and by which transaction."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_1000"
down_revision = "20261128_0930"
branch_labels = None
depends_on = None

LOG = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO public.client_changes (account_id, facet, client_ids)
    SELECT account_id, {facet}, array_agg(DISTINCT {client})
    FROM (SELECT * FROM changed UNION ALL SELECT * FROM former) AS touched
    GROUP BY 1, 2;
  ELSE
    INSERT INTO public.client_changes (account_id, facet, client_ids)
    SELECT account_id, {facet}, array_agg(DISTINCT {client}) FROM changed GROUP BY 1, 2;
  END IF;
  RETURN NULL;
END $$
"""
RAISE_REVISION = """
CREATE FUNCTION raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  concerned bigint[];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT array_agg(DISTINCT account_id) INTO concerned
    FROM (SELECT account_id, to_jsonb(changed) - 'name' FROM changed
          EXCEPT SELECT account_id, to_jsonb(former) - 'name' FROM former) AS different;
  ELSE
    SELECT array_agg(DISTINCT account_id) INTO concerned FROM changed;
  END IF;
  INSERT INTO public.account_revisions AS known (account_id, kind)
  SELECT id, TG_TABLE_NAME FROM public.accounts WHERE id = ANY (concerned)
  ON CONFLICT (account_id, kind) DO UPDATE SET revision = known.revision + 1;
  INSERT INTO public.client_changes (account_id, facet, client_ids)
  SELECT id, TG_TABLE_NAME, '{}'::bigint[] FROM unnest(concerned) AS id;
  RETURN NULL;
END $$
"""
REFUSE_TRUNCATE = """
CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are removed by DELETE, which the log of changes sees', TG_TABLE_NAME;
END $$
"""
FUNCTIONS = {
    "log_changes_by_id": LOG.format(name="log_changes_by_id", facet="TG_TABLE_NAME", client="id"),
    "log_changes_by_client_id": LOG.format(
        name="log_changes_by_client_id", facet="TG_TABLE_NAME", client="client_id"
    ),
    "log_changes_by_type": LOG.format(
        name="log_changes_by_type", facet="TG_TABLE_NAME || ':' || type_id", client="client_id"
    ),
    "raise_revision": RAISE_REVISION,
    "refuse_truncate": REFUSE_TRUNCATE,
}
LOGGED = {
    "clients": "log_changes_by_id",
    "client_contacts": "log_changes_by_client_id",
    "client_identities": "log_changes_by_client_id",
    "client_param_values": "log_changes_by_client_id",
    "client_stats": "log_changes_by_client_id",
    "client_tags": "log_changes_by_client_id",
    "client_visits": "log_changes_by_client_id",
    "orders": "log_changes_by_client_id",
    "order_lines": "log_changes_by_client_id",
    "order_param_values": "log_changes_by_client_id",
    "order_status_history": "log_changes_by_client_id",
    "refunds": "log_changes_by_client_id",
    "actions": "log_changes_by_type",
}
ROWS = {
    "INSERT": "NEW TABLE AS changed",
    "UPDATE": "OLD TABLE AS former NEW TABLE AS changed",
    "DELETE": "OLD TABLE AS changed",
}


def upgrade() -> None:
    op.create_table(
        "client_changes",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("facet", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
        sa.Column("client_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_client_changes")),
    )
    op.create_index("ix_client_changes_by_xid", "client_changes", ["account_id", "xid"])
    op.create_index(op.f("ix_client_changes_at"), "client_changes", ["at"])
    op.create_table(
        "change_horizons",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("facet", sa.Text(collation="C"), nullable=False),
        sa.Column("pruned_through", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_change_horizons_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "facet", name=op.f("pk_change_horizons")),
    )
    op.create_table(
        "account_revisions",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_revisions_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_account_revisions")),
    )
    for definition in FUNCTIONS.values():
        op.execute(definition)
    for table, function in LOGGED.items():
        for operation in ("INSERT", "UPDATE", "DELETE"):
            create_trigger(table, function, operation)
        op.execute(
            f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        )
    for table in ("products", "product_groups"):
        for operation in ("UPDATE", "DELETE"):
            create_trigger(table, "raise_revision", operation)


def create_trigger(table: str, function: str, operation: str) -> None:
    op.execute(
        f"CREATE TRIGGER {function}_on_{operation.lower()} AFTER {operation} ON {table} "
        f"REFERENCING {ROWS[operation]} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}() CASCADE")
    op.drop_table("account_revisions")
    op.drop_table("change_horizons")
    op.drop_table("client_changes")
