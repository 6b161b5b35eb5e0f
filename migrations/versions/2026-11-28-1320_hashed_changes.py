"""The functions that log changes find the clients of a statement by hashing instead of sorting."""

from alembic import op

revision = "20261128_1320"
down_revision = "20261128_1310"
branch_labels = None
depends_on = None

LOG = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO public.client_changes (account_id, facet, client_ids)
    SELECT account_id, {facet}, array_agg(client)
    FROM (SELECT {columns} AS client FROM changed UNION SELECT {columns} FROM former) AS touched
    GROUP BY {keys};
  ELSE
    INSERT INTO public.client_changes (account_id, facet, client_ids)
    SELECT account_id, {facet}, array_agg(client)
    FROM (SELECT DISTINCT {columns} AS client FROM changed) AS touched
    GROUP BY {keys};
  END IF;
  RETURN NULL;
END $$
"""
SORTED_LOG = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
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
TABLE, TYPE = "TG_TABLE_NAME", "TG_TABLE_NAME || ':' || type_id"
FUNCTIONS = (
    ("log_changes_by_id", TABLE, "account_id", "id"),
    ("log_changes_by_client_id", TABLE, "account_id", "client_id"),
    ("log_changes_by_type", TYPE, "account_id, type_id", "client_id"),
)


def upgrade() -> None:
    for name, facet, keys, client in FUNCTIONS:
        op.execute(LOG.format(name=name, facet=facet, keys=keys, columns=f"{keys}, {client}"))


def downgrade() -> None:
    for name, facet, _, client in FUNCTIONS:
        op.execute(SORTED_LOG.format(name=name, facet=facet, client=client))
