"""Mutants of the rows that answer leaves, and of their joins."""

from dataclasses import replace
from typing import Any

from sqlalchemy import and_, func, literal

from clientbase.filters import answers, compiler, readers
from clientbase.filters.answers import Scalar
from clientbase.filters.sources import SOURCES, Rows
from tests.filters.asking import Fields, Measures, Params
from tests.filters.mutation import Mutant

RECEIPTS = ("purchase", "order.created", "purchase.failed")


def source(name: str, **changes: Any) -> tuple[Any, Any, Any]:
    return SOURCES, name, replace(SOURCES[name], **changes)


def other_join() -> Any:
    """The join of a side table of any account."""

    def join(self: Rows, name: str, model: Any, on: dict[str, Any], outer: bool = True) -> Any:
        if name not in self._joined:
            right = model.__table__.alias(f"j{len(self._joined) + 1}")
            same = [right.c[column] == value for column, value in on.items()]
            self.tables = self.tables.join(right, and_(*same), isouter=outer)
            self._joined[name] = right
        return self._joined[name]

    return join


def inner_join(self: Rows, name: str, model: Any, on: dict[str, Any], outer: bool = True) -> Any:
    return JOIN(self, name, model, on, False)


JOIN = Rows._join


def of_all_accounts(self: Rows, name: str, account_id: int, *narrowed: Any) -> None:
    INIT(self, name, account_id, *narrowed)
    self.clauses = self.clauses[1:] or [literal(True)]


INIT = Rows.__init__


def no_narrow(*_: Any) -> list[Any]:
    return []


def all_cancelled(table: Any, _: Any) -> list[Any]:
    return [table.c.to_group == literal("cancelled")]


def of_cancelled(table: Any, _: Any) -> list[Any]:
    return [table.c.to_group == literal("cancelled"), table.c.from_group.is_not(None)]


def stated_only(rows: Rows, read: Any, _: Any) -> Any:
    return func.coalesce(rows.stated.c.stated_bonus_balance, 0)


def counted_only(rows: Rows, _: Any, __: Any) -> Any:
    return rows.base.c.bonus_balance


def raw_text(rows: Rows, read: Any, _: Any) -> Any:
    return readers._free(rows, read)


def any_row(leaf: Any, rows: Rows, moment: Any) -> Any:
    flag = func.bool_and(rows.base.c[leaf.field.read.column])
    holds = Scalar(flag, leaf.field.type, moment).holds(leaf.condition)
    return compiler.select(rows.client).where(*rows.clauses).group_by(rows.client).having(holds)


def all_in_rows(leaf: Any, condition: Any, rows: Rows) -> Any:
    column = rows.base.c[leaf.field.read.column]
    among = column == answers.any_(answers.bind_list(condition.values))
    return compiler.select(rows.client).where(*rows.clauses, among).group_by(rows.client)


ROWS = (
    Mutant("a purchase is when the order was made", (source("purchases", time="created_at"),),
           Params(("time",), actions=("purchase",))),
    Mutant("every order is a purchase", (source("purchases", narrow=no_narrow),),
           Measures(("count",), actions=("purchase",))),
    Mutant("lines of every order are bought", (source("purchase_lines", narrow=no_narrow),),
           Measures(("count", "sum"), actions=("purchase.item",))),
    Mutant("moves inside cancelled fail again", (source("cancellations", narrow=all_cancelled),),
           Measures(("count",), actions=("purchase.failed",))),
    Mutant("an order made cancelled has not failed", (source("cancellations", narrow=of_cancelled),),
           Measures(("count",), actions=("purchase.failed",))),
    Mutant("creation is a change of status", (source("status_changes", narrow=no_narrow),),
           Measures(("count",), actions=("order.status_changed",))),
    Mutant("phones are e-mails too", (source("client_contacts", narrow=no_narrow),),
           Fields(("phone", "email"), ("not_empty", "empty", "contains", "eq"))),
    Mutant("ids of all sources are one", (source("client_identities", narrow=no_narrow),),
           Fields(tuple(f"external_id.{name}" for name in ("crm", "site", "1c")))),
    Mutant("all params are one", (source("client_param_values", narrow=no_narrow),),
           Fields(tuple(f"params.own_text{suffix}" for suffix in ("", "-2")))),
    Mutant("all types of actions are one", (source("actions", narrow=no_narrow),), Measures(("count",))),
    Mutant("clients of all accounts", ((Rows, "__init__", of_all_accounts),), Fields(("text", "integer"))),
    Mutant("orders of all accounts", ((Rows, "_join", other_join()),),
           Params(("number", "shop", "manager", "product"), actions=("purchase.item", "refund"))),
    Mutant("lines without a known product are lost", ((Rows, "_join", inner_join),),
           Params(("product", "product_group"), ("ne", "not_in", "empty"), actions=("purchase.item",))),
    Mutant("orders without the param are lost", ((Rows, "_join", inner_join),),
           Params(("order.deal_text", "order.deal_number", "order.deal_choice"), ("ne", "not_in", "empty"),
                  actions=RECEIPTS)),
    Mutant("a balance is what is stated", ((readers.READERS, "balance", stated_only),),
           Fields(("bonus_balance",))),
    Mutant("a balance is what is counted", ((readers.READERS, "balance", counted_only),),
           Fields(("bonus_balance",))),
    Mutant("free texts are not folded", ((readers.READERS, "json_text", raw_text),), Params(("text",))),
    Mutant("verified means all phones", ((compiler, "_any_of_rows", any_row),), Fields(("phone_verified",))),
    Mutant("tags has_all is has_any", ((compiler, "_all_in_rows", all_in_rows),),
           Fields(("tags",), ("has_all",))),
)  # fmt: skip
