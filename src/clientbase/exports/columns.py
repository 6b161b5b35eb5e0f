"""The columns that can be exported: their labels, where each is read, the kind of its values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Integer, Numeric
from sqlalchemy import types as sql

from clientbase.clients import view_columns
from clientbase.filters import Catalogue, Param
from clientbase.filters.fields import CLIENT_FIELDS
from clientbase.filters.specs import Label, Type
from clientbase.kit.errors import invalid_at


class Kind(Enum):
    """What values are, which decides how they are written."""

    TEXT = "text"
    PHONE = "phone"
    LIST = "list"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    AVERAGE = "average"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    AGE = "age"
    DAYS_SINCE = "days_since"


@dataclass(frozen=True)
class Column:
    """A column. `place` names the relation that it is read from, `source` what is read there."""

    name: str
    label: Label
    kind: Kind
    place: str
    source: Any
    personal: bool


_LABELS = {
    "id": Label("ID clientbase", "Clientbase ID"),
    "phones": Label("Все телефоны", "All phones"),
    "emails": Label("Все почты", "All e-mails"),
    "identities": Label("ID в источниках", "Ids in sources"),
}
"""What is called otherwise than in filters, or unknown there; our id as imports know it."""
_KINDS_BY_NAME = {
    "age": Kind.AGE,
    "client_since_days": Kind.DAYS_SINCE,
    "average_check": Kind.AVERAGE,
    "ltv": Kind.MONEY,
    "visit_countries": Kind.LIST,
    "visit_cities": Kind.LIST,
}
_KINDS_BY_TYPE = {Type.MONEY: Kind.MONEY, Type.NUMBER: Kind.NUMBER, Type.INTEGER: Kind.INTEGER}
_KINDS_BY_SQL: tuple[tuple[type[Any], Kind], ...] = (
    (Date, Kind.DATE),
    (DateTime, Kind.DATETIME),
    (Boolean, Kind.BOOLEAN),
    (Integer, Kind.INTEGER),
    (Numeric, Kind.NUMBER),
    (sql.ARRAY, Kind.LIST),
)
_PARAM_KINDS = {
    "number": (Kind.NUMBER, "number"),
    "date": (Kind.DATE, "day"),
    "boolean": (Kind.BOOLEAN, "boolean"),
    "choice": (Kind.TEXT, "folded"),
}
DEFAULT = (
    "id", "full_name", "phone", "email", "birth_date", "gender", "city", "tags", "created_at", "orders_count",
    "sales_count", "revenue", "average_check", "last_order_at", "last_purchase_at", "consent_marketing",
)  # fmt: skip


def _label(name: str) -> Label:
    field = CLIENT_FIELDS.get(name)
    return _LABELS.get(name) or (field.label if field is not None else Label(name, name))


def _kind(column: view_columns.Column) -> Kind:
    field = CLIENT_FIELDS.get(column.name)
    by_type = _KINDS_BY_TYPE.get(field.type) if field is not None else None
    by_sql = next((kind for of, kind in _KINDS_BY_SQL if isinstance(column.source.type, of)), Kind.TEXT)
    return _KINDS_BY_NAME.get(column.name) or by_type or by_sql


def _of_view(column: view_columns.Column) -> Column:
    return Column(
        column.name, _label(column.name), _kind(column), column.table, column.source, column.personal
    )


def _part(name: str, kind: Kind, place: str, *, personal: bool = True) -> Column:
    return Column(name, _label(name), kind, place, name, personal)


_PARTS = (
    _part("phone", Kind.PHONE, "contacts"),
    _part("phones", Kind.PHONE, "contacts"),
    _part("email", Kind.TEXT, "contacts"),
    _part("emails", Kind.TEXT, "contacts"),
    _part("external_id", Kind.TEXT, "identities"),
    _part("identities", Kind.TEXT, "identities"),
    _part("tags", Kind.TEXT, "tags", personal=False),
)
COLUMNS: Mapping[str, Column] = {
    column.name: column for column in (*map(_of_view, view_columns.COLUMNS.values()), *_PARTS)
}
"""Every column but custom params."""


def choose(names: Sequence[str] | None, catalogue: Catalogue, *, personal: bool) -> list[Column]:
    """The columns of these names; None: the usual ones that the caller may see.

    Raises Invalid at /fields (UNKNOWN_FIELD, DUPLICATE_FIELD, NO_FIELDS).
    """
    if names is None:
        return [COLUMNS[name] for name in DEFAULT if personal or not COLUMNS[name].personal]
    if len(set(names)) < len(names):
        raise invalid_at("/fields", "DUPLICATE_FIELD", "A field is named twice.")
    if not names:
        raise invalid_at("/fields", "NO_FIELDS", "A file has at least one column.")
    known = {**COLUMNS, **{one.name: one for one in _params(catalogue.client_params.values())}}
    for place, name in enumerate(names):
        if name not in known:
            message = "There is no such field to export."
            raise invalid_at(f"/fields/{place}", "UNKNOWN_FIELD", message, sorted(known)[:1000])
    return [known[name] for name in names]


def _params(params: Iterable[Param]) -> Iterable[Column]:
    for param in params:
        kind, column = _PARAM_KINDS.get(param.type, (Kind.TEXT, "text"))
        label = Label(param.name, param.name)
        yield Column(f"params.{param.code}", label, kind, "params", (param.id, column), param.personal)


def headers(columns: Sequence[Column], language: str) -> list[str]:
    """Labels, told apart by the name of the field where two columns have one label."""
    labels = [column.label.of(language) for column in columns]
    return [
        label if labels.count(label) == 1 else f"{label} ({column.name})"
        for label, column in zip(labels, columns, strict=True)
    ]
