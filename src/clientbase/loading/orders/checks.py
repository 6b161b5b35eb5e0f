"""What may be wrong with an order, each fault with its place; what is right becomes a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from clientbase.accounts.schemas import AccountInfo
from clientbase.actions.values import ParamType, WrongValue, read_value
from clientbase.kit.errors import Item
from clientbase.kit.money import MAX_MINOR_UNITS, check_amount, to_minor
from clientbase.kit.text import clean
from clientbase.loading.keep import KEEP
from clientbase.loading.orders.rows import LineRow, OrderRow, StatusRow
from clientbase.loading.orders.states import Entry, Line, OrderChange, Refund
from clientbase.loading.typed_values import TypedValue, typed_value
from clientbase.orders.schemas import MAX_LINES

STATUS_GROUPS = ("new", "in_progress", "done", "cancelled")
_TEXTS = ("number", "shop", "manager", "url")
_LONGEST = {
    "source": 100, "external_id": 255, "number": 255, "status": 100, "shop": 100, "manager": 100, "url": 2000,
}  # fmt: skip
_LONGEST_CODE = 100
_LONGEST_ID = 255
_MAX_QUANTITY = Decimal(10) ** 14


@dataclass(frozen=True)
class OrderContext:
    """What rows of one account are checked against."""

    account: AccountInfo
    statuses: dict[str, str]
    """Group by code; statuses that rows register are added."""
    params: Mapping[str, tuple[int, ParamType]]
    """Custom params of orders: id and type by code."""


class OrderCheck:
    """The check of one row: gathers all its faults."""

    def __init__(self, row: OrderRow, context: OrderContext) -> None:
        self.row = row
        self.context = context
        self.faults: list[Item] = []

    def change(self, client_id: int | None) -> OrderChange:
        """What the row gives; meaningless while there are faults."""
        self._check_currency()
        self._check_texts()
        lines = self._lines()
        return OrderChange(
            client_id=client_id,
            fields=self._fields(lines),
            lines=lines,
            history=self._history(),
            status=self._status(),
            status_changed_at=self.row.status_changed_at,
            refunds=self._refunds(),
            params=self._params(),
        )

    def add(self, pointer: str, code: str, message: str, allowed: tuple[object, ...] | None = None) -> None:
        """One more fault."""
        self.faults.append(Item(pointer, code, message, allowed))

    def _check_currency(self) -> None:
        currency = self.context.account.currency
        if self.row.currency is not None and self.row.currency != currency:
            self.add("/currency", "OTHER_CURRENCY", "Orders are in the account's currency.", (currency,))

    def _check_texts(self) -> None:
        """Sources that are not HTTP have no declared bounds: they are held to the same ones."""
        for name, longest in _LONGEST.items():
            value = getattr(self.row, name)
            if isinstance(value, str):
                stored = (clean(value) or "") if name in _TEXTS else value
                self._check_length(stored, longest, f"/{name}")
        for name in ("source", "external_id", "status"):
            value = getattr(self.row, name)
            if value is not None and clean(value) is None:
                self.add(f"/{name}", "BLANK_TEXT", "A text that is not blank is needed.")

    def _check_length(self, value: str, longest: int, pointer: str) -> None:
        if len(value) > longest:
            self.add(pointer, "TEXT_TOO_LONG", f"At most {longest} characters.")

    def _fields(self, lines: tuple[Line, ...] | None) -> dict[str, Any]:
        row = self.row
        fields: dict[str, Any] = {
            name: clean(value) if value is not None else None
            for name in _TEXTS
            if (value := getattr(row, name)) is not KEEP
        }
        if row.cost is not KEEP:
            fields["cost"] = None if row.cost is None else self._amount(row.cost, "/cost")
        if row.discount is not None:
            fields["discount"] = self._amount(row.discount, "/discount")
        if row.created_at is not None:
            fields["created_at"] = row.created_at
        if row.total is not None:
            fields["total"] = self._amount(row.total, "/total")
        elif lines is not None:
            total = sum(line.amount for line in lines)
            fields["total"] = self._derived(total, "/total", "The lines add up to too much.")
        return fields

    def _amount(self, amount: Decimal, pointer: str) -> int:
        """Minor units; 0 with a fault where it is not an amount."""
        places = self.context.account.places
        try:
            units = to_minor(amount, places)
        except ValueError:
            units = -1
        if units < 0:
            self.faults += check_amount(amount, places, pointer)
        return max(units, 0)

    def _derived(self, units: int, pointer: str, message: str) -> int:
        """Minor units that follow from others; 0 with a fault where they are too many."""
        if units <= MAX_MINOR_UNITS:
            return units
        self.add(pointer, "NOT_AN_AMOUNT", message)
        return 0

    def _lines(self) -> tuple[Line, ...] | None:
        if self.row.lines is None:
            return None
        if len(self.row.lines) > MAX_LINES:
            self.add("/lines", "TOO_MANY_ITEMS", f"At most {MAX_LINES}.")
        lines = tuple(self._line(line, f"/lines/{place}") for place, line in enumerate(self.row.lines))
        if sum(line.quantity for line in lines) >= _MAX_QUANTITY:
            self.add("/lines", "WRONG_QUANTITY", "The quantities add up to below 10^14.")
        return lines

    def _line(self, line: LineRow, at: str) -> Line:
        """Amount and price make up for each other; halves are rounded to even."""
        if line.quantity < 0 or line.quantity >= _MAX_QUANTITY or line.quantity != round(line.quantity, 4):
            self.add(f"{at}/quantity", "WRONG_QUANTITY", "Not negative, below 10^14, at most 4 places.")
            return Line(None, Decimal(0), 0, 0)
        product = clean(line.product) if line.product is not None else None
        self._check_length(product or "", _LONGEST_CODE, f"{at}/product")
        price = None if line.price is None else self._amount(line.price, f"{at}/price")
        amount = None if line.amount is None else self._amount(line.amount, f"{at}/amount")
        if price is None and amount is None:
            self.add(f"{at}/amount", "AMOUNT_MISSING", "A line has an amount or a price.")
        if amount is None:
            amount = _rounded(line.quantity * (price or 0))
            amount = self._derived(amount, f"{at}/amount", "Quantity times price is too large.")
        if price is None:
            price = _rounded(amount / line.quantity) if line.quantity else 0
            price = self._derived(price, f"{at}/price", "Amount by quantity is too large.")
        return Line(product, line.quantity, price, amount)

    def _status(self) -> tuple[str, str] | None:
        row = self.row
        if row.status is None:
            return None
        return row.status, self._group(row.status, row.status_group, "")

    def _group(self, status: str, given: str | None, at: str) -> str:
        """The group of a status, which the row registers where it is new and a group is given."""
        known = self.context.statuses.get(status)
        if given is not None and given not in STATUS_GROUPS:
            self.add(f"{at}/status_group", "UNKNOWN_STATUS_GROUP", "There is no such group.", STATUS_GROUPS)
        elif known is None and given is not None:
            known = self.context.statuses[status] = given
        elif known is None:
            allowed = tuple(sorted(self.context.statuses))[:50]
            self.add(f"{at}/status", "UNKNOWN_STATUS", "Register it, or give its `status_group`.", allowed)
        elif given not in (None, known):
            self.add(f"{at}/status_group", "OTHER_STATUS_GROUP", "The status is in another group.", (known,))
        return known or ""

    def _history(self) -> tuple[Entry, ...] | None:
        """Entries by time; entering the status that the order is in is no entry."""
        given = self.row.status_history
        if given is None:
            return None
        if not given:
            self.add("/status_history", "EMPTY_HISTORY", "A history has at least one entry.")
        entries: list[Entry] = []
        for place, item in sorted(enumerate(given), key=_by_time):
            entry = Entry(
                item.at, item.status, self._group(item.status, item.status_group, f"/status_history/{place}")
            )
            if not entries or entries[-1].status != entry.status:
                entries.append(entry)
        if entries and self.row.status not in (None, entries[-1].status):
            self.add(
                "/status", "STATUS_CONTRADICTS_HISTORY", "The last entry of the history is another status."
            )
        return tuple(entries)

    def _refunds(self) -> dict[str, Refund]:
        refunds = {}
        for place, refund in enumerate(self.row.refunds):
            self._check_length(refund.external_id, _LONGEST_ID, f"/refunds/{place}/external_id")
            amount = self._amount(refund.amount, f"/refunds/{place}/amount")
            refunds[refund.external_id] = Refund(refund.at, amount)
        return refunds

    def _params(self) -> dict[int, TypedValue | None]:
        values = {}
        for code, raw in self.row.params.items():
            pointer = f"/params/{code}"
            if code not in self.context.params:
                self.add(
                    pointer, "UNKNOWN_PARAM", "Orders have no such param.", tuple(self.context.params)[:50]
                )
                continue
            param_id, of = self.context.params[code]
            try:
                values[param_id] = None if raw is None else typed_value(of.type, read_value(raw, of))
            except WrongValue as wrong:
                self.faults.append(wrong.at(pointer))
        return values


def _rounded(units: Decimal) -> int:
    return int(units.to_integral_value(ROUND_HALF_EVEN))


def _by_time(placed: tuple[int, StatusRow]) -> tuple[datetime, int]:
    return placed[1].at, placed[0]
