"""The table of built-in actions: code, names, the rows that answer each, its params."""

from dataclasses import replace

from clientbase.filters.specs import Action, Choice, Choices, Field, Label, Read, Type
from clientbase.models.actions import BUILT_IN_TYPE_IDS

STATUS_GROUPS = (
    Choice("new", "новый", "new"),
    Choice("in_progress", "в работе", "in progress"),
    Choice("done", "выполнен", "done"),
    Choice("cancelled", "отменён", "cancelled"),
)
DIRECTIONS = (Choice("in", "входящий", "in"), Choice("out", "исходящий", "out"))


def _param(
    code: str, type_: Type, how: str, column: str, ru: str, en: str, lookup: str | None = None
) -> Field:
    return Field(code, Label(ru, en), type_, Read(how, column), lookup=lookup)


def _money(code: str, how: str, column: str, ru: str, en: str) -> Field:
    return Field(code, Label(ru, en), Type.MONEY, Read(how, column), minor=True)


def _choice(code: str, how: str, column: str, ru: str, en: str, choices: tuple[Choice, ...] = ()) -> Field:
    return Field(code, Label(ru, en), Type.CHOICE, Read(how, column), choices=Choices(choices))


TIME = _param("time", Type.DATETIME, "time", "", "Время", "Time")
_NUMBER = _param("number", Type.TEXT, "order", "number_folded", "Номер заказа", "Order number")
_SHOP = _param("shop", Type.REFERENCE, "order", "shop", "Магазин", "Shop")
_MANAGER = _param("manager", Type.REFERENCE, "order", "manager", "Менеджер", "Manager")
_SOURCE = _param("source", Type.REFERENCE, "order", "source", "Источник", "Source")
_TOTAL = _money("amount", "order", "total", "Сумма", "Amount")

RECEIPT = (
    _TOTAL,
    _money("discount", "order", "discount", "Скидка", "Discount"),
    _NUMBER,
    _SHOP,
    _MANAGER,
    _SOURCE,
    _param("products", Type.SET, "products", "", "Товары", "Products", "/products"),
    _param(
        "product_groups",
        Type.SET,
        "product_groups",
        "",
        "Группы товаров",
        "Product groups",
        "/product-groups",
    ),
)
"""Params of a purchase; the order's own params follow as `order.<code>`."""

_LINE = (
    _param("product", Type.REFERENCE, "product", "code", "Товар", "Product", "/products"),
    _param(
        "product_group", Type.REFERENCE, "group", "path", "Группа товара", "Product group", "/product-groups"
    ),
    _param("quantity", Type.NUMBER, "column", "quantity", "Количество", "Quantity"),
    _money("price", "column", "price", "Цена", "Price"),
    _money("amount", "column", "amount", "Сумма", "Amount"),
)

_STATUS_CHANGE = (
    _param("status", Type.REFERENCE, "column", "to_status", "Новый статус", "New status"),
    _param("from_status", Type.REFERENCE, "column", "from_status", "Прежний статус", "Former status"),
    _choice("status_group", "column", "to_group", "Группа статуса", "Status group", STATUS_GROUPS),
    _NUMBER,
    _TOTAL,
)

_REFUND = (_money("amount", "column", "amount", "Сумма", "Amount"), _NUMBER, _SHOP, _MANAGER, _SOURCE)


def _free(code: str, ru: str, en: str) -> Field:
    """A text param among the free ones of an action."""
    return _param(code, Type.TEXT, "json_text", code, ru, en)


_VISIT = (
    _param("ad_channel", Type.REFERENCE, "column", "reference", "Рекламный канал", "Ad channel"),
    *(
        _free(f"utm_{part}", f"utm_{part}", f"utm_{part}")
        for part in ("source", "medium", "campaign", "content", "term")
    ),
    _free("referrer", "Откуда пришёл", "Referrer"),
    _free("landing", "Страница входа", "Landing page"),
    _free("referral_id", "Реферальный ID", "Referral id"),
    _free("country", "Страна", "Country"),
    _free("city", "Город", "City"),
    _choice("device", "json", "device", "Устройство", "Device"),
)

_CALL = (
    _choice("direction", "column", "reference", "Направление", "Direction", DIRECTIONS),
    _param("duration", Type.NUMBER, "column", "amount", "Длительность, с", "Duration, s"),
    _free("status", "Итог звонка", "Outcome"),
    _param("manager", Type.REFERENCE, "json", "manager", "Менеджер", "Manager"),
)

_LEAD = (
    _free("form", "Форма", "Form"),
    _param("amount", Type.MONEY, "column", "amount", "Сумма", "Amount"),
    _param("manager", Type.REFERENCE, "column", "reference", "Менеджер", "Manager"),
)

_MAILING = (_param("mailing", Type.REFERENCE, "column", "reference", "Рассылка", "Mailing"),)
_LOYALTY = (
    _param("amount", Type.NUMBER, "column", "amount", "Баллы", "Points"),
    _free("reason", "Основание", "Reason"),
)
SEGMENT = Field(
    "segment",
    Label("Сегмент", "Segment"),
    Type.REFERENCE,
    Read("column", "reference"),
    dictionary="segment",
    lookup="/segments",
)


def receipt_param(param: Field) -> Field:
    """A receipt's param as a line of it has it."""
    label = Label(f"Чек: {param.label.ru}", f"Receipt: {param.label.en}")
    return replace(param, code=f"receipt.{param.code}", label=label)


def _action(code: str, ru: str, en: str, rows: str, *params: Field) -> Action:
    return Action(code, Label(ru, en), rows, (*params, TIME))


def _stored(code: str, ru: str, en: str, *params: Field) -> Action:
    return Action(code, Label(ru, en), "actions", (*params, TIME), BUILT_IN_TYPE_IDS[code])


_ALL = (
    _action("purchase", "Покупка", "Purchase", "purchases", *RECEIPT),
    _action(
        "purchase.item",
        "Покупка товара",
        "Purchase of an item",
        "purchase_lines",
        *_LINE,
        *map(receipt_param, (*RECEIPT, TIME)),
    ),
    _action("purchase.failed", "Отменённая покупка", "Failed purchase", "cancellations", *RECEIPT),
    _action("refund", "Возврат", "Refund", "refunds", *_REFUND),
    _action("order.created", "Заказ создан", "Order created", "orders", *RECEIPT),
    _action(
        "order.status_changed",
        "Статус заказа изменён",
        "Order status changed",
        "status_changes",
        *_STATUS_CHANGE,
    ),
    _stored("visit", "Визит", "Visit", *_VISIT),
    _stored("call", "Звонок", "Call", *_CALL),
    _stored("lead", "Заявка", "Lead", *_LEAD),
    _stored("mailing.sent", "Рассылка отправлена", "Mailing sent", *_MAILING),
    _stored("mailing.delivered", "Рассылка доставлена", "Mailing delivered", *_MAILING),
    _stored("mailing.received", "Рассылка получена", "Mailing received", *_MAILING),
    _stored("mailing.opened", "Рассылка открыта", "Mailing opened", *_MAILING),
    _stored(
        "mailing.clicked",
        "Переход из рассылки",
        "Mailing clicked",
        *_MAILING,
        _free("link", "Ссылка", "Link"),
    ),
    _stored("mailing.bounced", "Рассылка не доставлена", "Mailing bounced", *_MAILING),
    _stored("mailing.unsubscribed", "Отписка", "Unsubscribed", *_MAILING),
    _stored("mailing.complained", "Жалоба на спам", "Complained", *_MAILING),
    _stored("loyalty.accrual", "Начисление баллов", "Points accrued", *_LOYALTY),
    _stored("loyalty.writeoff", "Списание баллов", "Points written off", *_LOYALTY),
    _stored("segment.entered", "Вход в сегмент", "Entered a segment", SEGMENT),
    _stored("segment.left", "Выход из сегмента", "Left a segment", SEGMENT),
)

ACTIONS: dict[str, Action] = {action.code: action for action in _ALL}
ORDER_PARAMS_OF = frozenset({"purchase", "purchase.failed", "order.created"})
"""Actions with the params of their order as `order.<code>`; purchase.item has `receipt.order.<code>`."""
SEGMENT_ACTIONS = frozenset({"segment.entered", "segment.left"})
