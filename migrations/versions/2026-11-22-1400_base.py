"""base."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_1400"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "schedule_slots",
        sa.Column("job", sa.Text(collation="C"), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_schedule_slots")),
    )
    op.create_table(
        "action_types",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1000), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount_param", sa.Text(collation="C"), nullable=True),
        sa.Column("reference_param", sa.Text(collation="C"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_action_types_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_action_types")),
        sa.UniqueConstraint("account_id", "code", name=op.f("uq_action_types_account_id_code")),
    )
    op.create_table(
        "api_keys",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_api_keys_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_id", name=op.f("uq_api_keys_key_id")),
    )
    op.create_table(
        "clients",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("middle_name", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("gender", sa.Text(collation="C"), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("car_number", sa.Text(), nullable=True),
        sa.Column("extra_key_1", sa.Text(), nullable=True),
        sa.Column("extra_key_2", sa.Text(), nullable=True),
        sa.Column("extra_key_3", sa.Text(), nullable=True),
        sa.Column("extra_key_4", sa.Text(), nullable=True),
        sa.Column("extra_key_5", sa.Text(), nullable=True),
        sa.Column("extra_key_6", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(collation="C"), nullable=True),
        sa.Column("manager", sa.Text(collation="C"), nullable=True),
        sa.Column("shop", sa.Text(collation="C"), nullable=True),
        sa.Column("card_number", sa.Text(), nullable=True),
        sa.Column("card_barcode", sa.Text(), nullable=True),
        sa.Column("card_template", sa.Text(collation="C"), nullable=True),
        sa.Column("device", sa.Text(collation="C"), nullable=True),
        sa.Column("loyalty_level", sa.Text(collation="C"), nullable=True),
        sa.Column("stated_bonus_balance", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("discount_percent", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("last_accrual_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_writeoff_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issue_form", sa.Text(collation="C"), nullable=True),
        sa.Column("point_of_sale", sa.Text(collation="C"), nullable=True),
        sa.Column("event_trigger", sa.Text(), nullable=True),
        sa.Column("date_trigger", sa.Date(), nullable=True),
        sa.Column("consent_marketing", sa.Boolean(), nullable=True),
        sa.Column("consent_personal_data", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("full_name_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("last_name_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("first_name_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("middle_name_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("city_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("region_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("country_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("car_number_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("extra_key_1_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("extra_key_2_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("extra_key_3_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("extra_key_4_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("extra_key_5_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("extra_key_6_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("card_number_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("card_barcode_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("event_trigger_folded", sa.Text(collation="C"), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_clients_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_clients")),
    )
    op.create_index("ix_clients_by_birth", "clients", ["account_id", "birth_date", "id"], unique=False)
    op.create_index("ix_clients_by_change", "clients", ["account_id", "updated_at", "id"], unique=False)
    op.create_index("ix_clients_by_city", "clients", ["account_id", "city_folded", "id"], unique=False)
    op.create_index("ix_clients_by_creation", "clients", ["account_id", "created_at", "id"], unique=False)
    op.create_index("ix_clients_by_name", "clients", ["account_id", "full_name_folded", "id"], unique=False)
    op.create_index(
        "ix_clients_with_stated_balance",
        "clients",
        ["account_id", "id"],
        unique=False,
        postgresql_include=["stated_bonus_balance"],
        postgresql_where=sa.text("stated_bonus_balance IS NOT NULL"),
    )
    op.create_table(
        "field_choices",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_field_choices_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "field", "code", name=op.f("pk_field_choices")),
    )
    op.create_table(
        "files",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_files_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_files")),
    )
    op.create_index(op.f("ix_files_expires_at"), "files", ["expires_at"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("headers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_idempotency_keys_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "route", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "order_statuses",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status_group", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_order_statuses_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "code", name=op.f("pk_order_statuses")),
    )
    op.create_table(
        "param_choices",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("param_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_param_choices_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "param_id", "code", name=op.f("pk_param_choices")),
    )
    op.create_table(
        "params",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entity", sa.Text(collation="C"), nullable=False),
        sa.Column("action_type_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(collation="C"), nullable=False),
        sa.Column("personal", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_params_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_params")),
        sa.UniqueConstraint(
            "account_id",
            "entity",
            "action_type_id",
            "code",
            name=op.f("uq_params_account_id_entity_action_type_id_code"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "product_groups",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("path", sa.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_product_groups_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_product_groups")),
        sa.UniqueConstraint("account_id", "code", name=op.f("uq_product_groups_account_id_code")),
    )
    op.create_table(
        "products",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_products_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_products")),
        sa.UniqueConstraint("account_id", "code", name=op.f("uq_products_account_id_code")),
    )
    op.create_index(
        op.f("ix_products_account_id_group_id"), "products", ["account_id", "group_id"], unique=False
    )
    op.create_table(
        "runs",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column(
            "params",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(collation="C"), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.Integer(), server_default="5", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("cursor", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column(
            "progress",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("error", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_runs_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_by_account", "runs", ["account_id", "created_at"], unique=False)
    op.create_index(
        "ix_runs_waiting",
        "runs",
        ["not_before"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "uq_runs_dedupe",
        "runs",
        ["account_id", "kind", "dedupe_key"],
        unique=True,
        postgresql_where=sa.text("dedupe_key IS NOT NULL AND state = 'queued'"),
    )
    op.create_table(
        "segments",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(collation="C"), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("filter", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("for_analytics", sa.Boolean(), nullable=False),
        sa.Column("recalculation_hours", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("error_code", sa.Text(collation="C"), nullable=True),
        sa.Column("error_detail", sa.Text(), nullable=True),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("definition_revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("computed_revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("announce", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("reads_personal", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_segments_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_segments")),
        sa.UniqueConstraint("account_id", "code", name=op.f("uq_segments_account_id_code")),
    )
    op.create_index(op.f("ix_segments_account_id_due_at"), "segments", ["account_id", "due_at"], unique=False)
    op.create_table(
        "tags",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("color", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_tags_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_tags")),
        sa.UniqueConstraint("account_id", "code", name=op.f("uq_tags_account_id_code")),
    )
    op.create_table(
        "actions",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("reference", sa.Text(collation="C"), nullable=True),
        sa.Column(
            "params",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("folded", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("source", sa.Text(collation="C"), server_default=sa.text("'api'"), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_actions_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_actions")),
    )
    op.create_index(
        "ix_actions_by_client",
        "actions",
        ["account_id", "client_id", "type_id", "at"],
        unique=False,
        postgresql_include=["amount", "reference"],
    )
    op.create_index(
        "ix_actions_by_reference",
        "actions",
        ["account_id", "type_id", "reference", "at"],
        unique=False,
        postgresql_include=["client_id"],
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    op.create_index(
        "ix_actions_by_type",
        "actions",
        ["account_id", "type_id", "at"],
        unique=False,
        postgresql_include=["client_id", "amount", "reference"],
    )
    op.create_index(
        "uq_actions_dedupe",
        "actions",
        ["account_id", "type_id", "source", "dedupe_key"],
        unique=True,
        postgresql_where=sa.text("dedupe_key IS NOT NULL"),
    )
    op.create_table(
        "client_aliases",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("alias_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_client_aliases_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "alias_id", name=op.f("pk_client_aliases")),
    )
    op.create_index(
        op.f("ix_client_aliases_account_id_client_id"),
        "client_aliases",
        ["account_id", "client_id"],
        unique=False,
    )
    op.create_table(
        "client_consents",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("text_version", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_client_consents_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_client_consents")),
    )
    op.create_index(
        op.f("ix_client_consents_account_id_client_id_kind_at"),
        "client_consents",
        ["account_id", "client_id", "kind", "at"],
        unique=False,
    )
    op.create_table(
        "client_contacts",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Text(collation="C"), nullable=False),
        sa.Column("digits", sa.Text(collation="C"), nullable=True),
        sa.Column("is_primary", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_client_contacts_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "client_id", "kind", "value", name=op.f("pk_client_contacts")),
    )
    op.create_index(
        op.f("ix_client_contacts_account_id_kind_value"),
        "client_contacts",
        ["account_id", "kind", "value"],
        unique=False,
    )
    op.create_table(
        "client_history",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("old", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("new", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_client_history_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_client_history")),
    )
    op.create_index(
        op.f("ix_client_history_account_id_client_id_at"),
        "client_history",
        ["account_id", "client_id", "at"],
        unique=False,
    )
    op.create_table(
        "client_identities",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("external_id", sa.Text(collation="C"), nullable=False),
        sa.Column("external_id_folded", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_client_identities_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "source", "external_id", name=op.f("pk_client_identities")),
    )
    op.create_index(
        op.f("ix_client_identities_account_id_client_id"),
        "client_identities",
        ["account_id", "client_id"],
        unique=False,
    )
    op.create_table(
        "client_param_values",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("param_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("folded", sa.Text(collation="C"), nullable=True),
        sa.Column("number", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("boolean", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_client_param_values_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "client_id", "param_id", name=op.f("pk_client_param_values")),
    )
    op.create_index(
        "ix_client_param_values_by_boolean",
        "client_param_values",
        ["account_id", "param_id", "boolean"],
        unique=False,
        postgresql_include=["client_id"],
        postgresql_where=sa.text("boolean IS NOT NULL"),
    )
    op.create_index(
        "ix_client_param_values_by_day",
        "client_param_values",
        ["account_id", "param_id", "day"],
        unique=False,
        postgresql_include=["client_id"],
        postgresql_where=sa.text("day IS NOT NULL"),
    )
    op.create_index(
        "ix_client_param_values_by_folded",
        "client_param_values",
        ["account_id", "param_id", "folded"],
        unique=False,
        postgresql_include=["client_id"],
        postgresql_where=sa.text("folded IS NOT NULL"),
    )
    op.create_index(
        "ix_client_param_values_by_number",
        "client_param_values",
        ["account_id", "param_id", "number"],
        unique=False,
        postgresql_include=["client_id"],
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_table(
        "client_search",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_client_search_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "client_id", name=op.f("pk_client_search")),
    )
    op.create_index(
        "ix_client_search_trigrams",
        "client_search",
        ["text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"text": "gin_trgm_ops"},
    )
    op.create_table(
        "client_stats",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("orders_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sales_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("items_count", sa.Numeric(precision=18, scale=4), server_default="0", nullable=False),
        sa.Column("deals_in_progress_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cancelled_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cancelled_revenue", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revenue", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("profit", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_purchase_amount", sa.BigInteger(), nullable=True),
        sa.Column("first_order_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_order_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_purchase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_purchase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bonus_balance", sa.Numeric(precision=18, scale=4), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_client_stats_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "client_id", name=op.f("pk_client_stats")),
    )
    op.create_index(
        "ix_client_stats_by_average_check",
        "client_stats",
        ["account_id", sa.literal_column("(revenue::numeric / NULLIF(sales_count, 0))"), "client_id"],
        unique=False,
    )
    op.create_index(
        "ix_client_stats_by_last_order",
        "client_stats",
        ["account_id", "last_order_at", "client_id"],
        unique=False,
    )
    op.create_index(
        "ix_client_stats_by_last_purchase",
        "client_stats",
        ["account_id", "last_purchase_at", "client_id"],
        unique=False,
    )
    op.create_index(
        "ix_client_stats_by_orders", "client_stats", ["account_id", "orders_count", "client_id"], unique=False
    )
    op.create_index(
        "ix_client_stats_by_revenue", "client_stats", ["account_id", "revenue", "client_id"], unique=False
    )
    op.create_table(
        "client_tags",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_client_tags_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "client_id", "tag_id", name=op.f("pk_client_tags")),
    )
    op.create_index(
        op.f("ix_client_tags_account_id_tag_id_client_id"),
        "client_tags",
        ["account_id", "tag_id", "client_id"],
        unique=False,
    )
    op.create_table(
        "client_visits",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("visits_count", sa.BigInteger(), nullable=False),
        sa.Column("first_visit_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_visit_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ad_channel", sa.Text(collation="C"), nullable=True),
        sa.Column("last_ad_channel", sa.Text(collation="C"), nullable=True),
        sa.Column("utm_source", sa.Text(), nullable=True),
        sa.Column("utm_medium", sa.Text(), nullable=True),
        sa.Column("utm_campaign", sa.Text(), nullable=True),
        sa.Column("utm_content", sa.Text(), nullable=True),
        sa.Column("utm_term", sa.Text(), nullable=True),
        sa.Column("last_utm_source", sa.Text(), nullable=True),
        sa.Column("last_utm_medium", sa.Text(), nullable=True),
        sa.Column("last_utm_campaign", sa.Text(), nullable=True),
        sa.Column("last_utm_content", sa.Text(), nullable=True),
        sa.Column("last_utm_term", sa.Text(), nullable=True),
        sa.Column("referral_id", sa.Text(), nullable=True),
        sa.Column("visit_countries", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("visit_cities", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("utm_source_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("utm_medium_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("utm_campaign_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("utm_content_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("utm_term_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("last_utm_source_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("last_utm_medium_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("last_utm_campaign_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("last_utm_content_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("last_utm_term_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("referral_id_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("visit_countries_folded", sa.ARRAY(sa.Text(collation="C")), nullable=True),
        sa.Column("visit_cities_folded", sa.ARRAY(sa.Text(collation="C")), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_client_visits_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "client_id", name=op.f("pk_client_visits")),
    )
    op.create_index(
        "ix_client_visits_by_last_visit",
        "client_visits",
        ["account_id", "last_visit_at", "client_id"],
        unique=False,
    )
    op.create_table(
        "orders",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("external_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("number_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("status_group", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purchased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("items_count", sa.Numeric(precision=18, scale=4), server_default="0", nullable=False),
        sa.Column("shop", sa.Text(collation="C"), nullable=True),
        sa.Column("manager", sa.Text(collation="C"), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"],
            ["clients.account_id", "clients.id"],
            name=op.f("fk_orders_account_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_orders")),
        sa.UniqueConstraint(
            "account_id", "source", "external_id", name=op.f("uq_orders_account_id_source_external_id")
        ),
    )
    op.create_index("ix_orders_by_client", "orders", ["account_id", "client_id", "created_at"], unique=False)
    op.create_index(
        "ix_orders_by_client_purchase",
        "orders",
        ["account_id", "client_id", "purchased_at"],
        unique=False,
        postgresql_include=["total"],
        postgresql_where=sa.text("purchased_at IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_by_creation",
        "orders",
        ["account_id", "created_at"],
        unique=False,
        postgresql_include=["client_id", "total"],
    )
    op.create_index(
        "ix_orders_by_purchase",
        "orders",
        ["account_id", "purchased_at"],
        unique=False,
        postgresql_include=["client_id", "total"],
        postgresql_where=sa.text("purchased_at IS NOT NULL"),
    )
    op.create_table(
        "segment_changes",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text(collation="C"), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("entered", sa.LargeBinary(), nullable=False),
        sa.Column("left", sa.LargeBinary(), nullable=False),
        sa.Column("entered_count", sa.BigInteger(), nullable=False),
        sa.Column("left_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "segment_id"],
            ["segments.account_id", "segments.id"],
            name=op.f("fk_segment_changes_account_id_segment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "segment_id", "version", name=op.f("pk_segment_changes")),
    )
    op.create_index(
        op.f("ix_segment_changes_account_id_segment_id_at"),
        "segment_changes",
        ["account_id", "segment_id", "at"],
        unique=False,
    )
    op.create_table(
        "segment_dependencies",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "segment_id"],
            ["segments.account_id", "segments.id"],
            name=op.f("fk_segment_dependencies_account_id_segment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "segment_id", "kind", "code", name=op.f("pk_segment_dependencies")
        ),
    )
    op.create_index(
        op.f("ix_segment_dependencies_account_id_kind_code"),
        "segment_dependencies",
        ["account_id", "kind", "code"],
        unique=False,
    )
    op.create_table(
        "segment_memberships",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "segment_id"],
            ["segments.account_id", "segments.id"],
            name=op.f("fk_segment_memberships_account_id_segment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "segment_id", name=op.f("pk_segment_memberships")),
    )
    op.create_table(
        "order_lines",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("purchased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "order_id"],
            ["orders.account_id", "orders.id"],
            name=op.f("fk_order_lines_account_id_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "order_id", "position", name=op.f("pk_order_lines")),
    )
    op.create_index(
        "ix_order_lines_by_client", "order_lines", ["account_id", "client_id", "purchased_at"], unique=False
    )
    op.create_index(
        "ix_order_lines_by_product",
        "order_lines",
        ["account_id", "product_id", "purchased_at"],
        unique=False,
        postgresql_include=["client_id", "quantity", "amount"],
        postgresql_where=sa.text("purchased_at IS NOT NULL"),
    )
    op.create_table(
        "order_param_values",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("param_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("folded", sa.Text(collation="C"), nullable=True),
        sa.Column("number", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("boolean", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "order_id"],
            ["orders.account_id", "orders.id"],
            name=op.f("fk_order_param_values_account_id_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "order_id", "param_id", name=op.f("pk_order_param_values")),
    )
    op.create_index(
        op.f("ix_order_param_values_account_id_client_id"),
        "order_param_values",
        ["account_id", "client_id"],
        unique=False,
    )
    op.create_index(
        "ix_order_param_values_by_boolean",
        "order_param_values",
        ["account_id", "param_id", "boolean"],
        unique=False,
        postgresql_include=["order_id"],
        postgresql_where=sa.text("boolean IS NOT NULL"),
    )
    op.create_index(
        "ix_order_param_values_by_day",
        "order_param_values",
        ["account_id", "param_id", "day"],
        unique=False,
        postgresql_include=["order_id"],
        postgresql_where=sa.text("day IS NOT NULL"),
    )
    op.create_index(
        "ix_order_param_values_by_folded",
        "order_param_values",
        ["account_id", "param_id", "folded"],
        unique=False,
        postgresql_include=["order_id"],
        postgresql_where=sa.text("folded IS NOT NULL"),
    )
    op.create_index(
        "ix_order_param_values_by_number",
        "order_param_values",
        ["account_id", "param_id", "number"],
        unique=False,
        postgresql_include=["order_id"],
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_table(
        "order_status_history",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_status", sa.Text(collation="C"), nullable=True),
        sa.Column("to_status", sa.Text(collation="C"), nullable=False),
        sa.Column("from_group", sa.Text(collation="C"), nullable=True),
        sa.Column("to_group", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "order_id"],
            ["orders.account_id", "orders.id"],
            name=op.f("fk_order_status_history_account_id_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_order_status_history")),
    )
    op.create_index(
        op.f("ix_order_status_history_account_id_at"),
        "order_status_history",
        ["account_id", "at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_order_status_history_account_id_client_id_at"),
        "order_status_history",
        ["account_id", "client_id", "at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_order_status_history_account_id_order_id_at"),
        "order_status_history",
        ["account_id", "order_id", "at"],
        unique=False,
    )
    op.create_table(
        "refunds",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.Text(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "order_id"],
            ["orders.account_id", "orders.id"],
            name=op.f("fk_refunds_account_id_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_refunds")),
        sa.UniqueConstraint(
            "account_id", "order_id", "external_id", name=op.f("uq_refunds_account_id_order_id_external_id")
        ),
    )
    op.create_index(op.f("ix_refunds_account_id_at"), "refunds", ["account_id", "at"], unique=False)
    op.create_index(
        op.f("ix_refunds_account_id_client_id_at"), "refunds", ["account_id", "client_id", "at"], unique=False
    )
    for table in (
        "orders",
        "order_lines",
        "order_status_history",
        "actions",
        "client_param_values",
        "clients",
        "client_stats",
    ):
        op.execute(
            f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02, "
            "autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"
        )


def downgrade() -> None:
    raise RuntimeError("the first migration has nothing below it: drop the database")
