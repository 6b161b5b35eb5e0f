"""Rows of each source as items of the one shape."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from clientbase.cards.schemas import TimelineItem
from clientbase.cards.sources import KIND_OF_TYPE
from clientbase.filters.actions import ACTIONS
from clientbase.filters.catalogue import Catalogue
from clientbase.filters.specs import Action, Field, Label, Type
from clientbase.filters.vocabulary import Vocabulary
from clientbase.kit.money import from_minor
from clientbase.kit.schema import instant_text, plain_number

_CHANGED = Label("Изменено: {}", "Changed: {}")
_DELETED = Label("Действие", "Action")
_FIELD_OF = {"phones": "phone", "emails": "email", "identities": "external_id"}
"""Names of the history that filters call otherwise."""
_SHOWN_OF_ORDER = ("number", "status", "status_group", "shop", "manager")


class Reader:
    """Turns rows into items in the words of the account, in one language, with or without personal data."""

    def __init__(self, catalogue: Catalogue, *, locale: str, personal: bool) -> None:
        self.places = catalogue.currency_exponent
        self.locale = locale
        self.personal = personal
        self.vocabulary = Vocabulary(catalogue)
        self.actions = {
            action.type_id: action for action in self.vocabulary.actions() if action.type_id is not None
        }
        self.segments = {str(segment.id): segment.code for segment in catalogue.segments.values()}

    def item(self, source: str, at: datetime, row: Any) -> TimelineItem:
        """One row of the named source."""
        return _READERS[source](self, at, row)

    def created(self, at: datetime, row: Any) -> TimelineItem:
        """An order came into being."""
        return self._deal("created", "order.created", at, row, row.total, _of_order(row))

    def purchase(self, at: datetime, row: Any) -> TimelineItem:
        """An order became done."""
        return self._deal("purchase", "purchase", at, row, row.total, _of_order(row))

    def status(self, at: datetime, row: Any) -> TimelineItem:
        """An order came into another status; into a cancelled one it is a purchase that failed."""
        failed = row.to_group == "cancelled" != row.from_group
        params = {
            "number": row.number,
            "status": row.to_status,
            "status_group": row.to_group,
            "from_status": row.from_status,
        }
        code = "purchase.failed" if failed else "order.status_changed"
        return self._deal("status", code, at, row, row.total, params)

    def refund(self, at: datetime, row: Any) -> TimelineItem:
        """Money was given back."""
        return self._deal("refund", "refund", at, row, row.amount, _of_order(row))

    def action(self, at: datetime, row: Any) -> TimelineItem:
        """Something that lies in the table of actions."""
        action = self.actions.get(row.type_id)
        values = self._params(action, row) if action is not None else {}
        params = {param.code: value for param, value in values.items()}
        if "segment" in params:
            params["segment"] = self.segments.get(params["segment"])
        money = (value for param, value in values.items() if param.type is Type.MONEY)
        return TimelineItem(
            id=f"action-{row.id}",
            kind=KIND_OF_TYPE.get(row.type_id, "events"),
            type=action.code if action is not None else "",
            at=at,
            title=(action.label if action is not None else _DELETED).of(self.locale),
            amount=next(money, None),
            params=params,
            order_id=None,
            source=row.source,
            url=None,
        )

    def history(self, at: datetime, row: Any) -> TimelineItem:
        """A field of the client was changed; what it was and became, unless that is personal."""
        code = _FIELD_OF.get(row.field, row.field)
        field = self.vocabulary.field(code)
        name = field.label.of(self.locale) if field is not None else code
        shown = self.personal or (field is not None and not field.personal)
        params = {"field": row.field, "actor": row.actor}
        params |= {"old": row.old, "new": row.new} if shown else {"old": None, "new": None}
        return TimelineItem(
            id=f"history-{row.id}",
            kind="history",
            type="change",
            at=at,
            title=_CHANGED.of(self.locale).format(name)[:512],
            amount=None,
            params=params,
            order_id=None,
            source=None,
            url=None,
        )

    def _deal(
        self, source: str, code: str, at: datetime, row: Any, units: int, params: dict[str, Any]
    ) -> TimelineItem:
        return TimelineItem(
            id=f"{source}-{row.id}",
            kind="deals",
            type=code,
            at=at,
            title=ACTIONS[code].label.of(self.locale),
            amount=from_minor(units, self.places),
            params=params,
            order_id=row.order_id,
            source=row.source,
            url=row.url,
        )

    def _params(self, action: Action, row: Any) -> dict[Field, Any]:
        """The params that the action has, as answers write them; personal ones only where they are shown."""
        found = {}
        for param in action.params:
            hot = param.read.how == "column"
            raw = getattr(row, param.read.column) if hot else row.params.get(param.read.column)
            if raw is not None and (self.personal or not param.personal):
                found[param] = self._written(param.type, raw)
        return found

    def _written(self, type_: Type, raw: Any) -> Any:
        if type_ is Type.MONEY:
            return str(Decimal(raw).quantize(Decimal(1).scaleb(-self.places)))
        if type_ in (Type.NUMBER, Type.INTEGER):
            return plain_number(Decimal(raw))
        return instant_text(datetime.fromisoformat(raw)) if type_ is Type.DATETIME else raw


def _of_order(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN_OF_ORDER}


_READERS: dict[str, Callable[[Reader, datetime, Any], TimelineItem]] = {
    "created": Reader.created,
    "purchase": Reader.purchase,
    "status": Reader.status,
    "refund": Reader.refund,
    "action": Reader.action,
    "history": Reader.history,
}
