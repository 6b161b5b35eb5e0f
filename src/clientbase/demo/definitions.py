"""What the account of the demo base defines: products in groups, tags, params, action types."""

from clientbase.demo import words
from clientbase.demo.cards import TASTES
from clientbase.demo.facts import DELIVERIES
from clientbase.demo.repository import DemoRepository
from clientbase.demo.shop import Definitions, Good
from clientbase.models import (
    BUILT_IN_TYPE_IDS,
    ActionType,
    OrderStatus,
    Param,
    ParamChoice,
    Product,
    ProductGroup,
    Tag,
)

CLIENT_PARAMS = (
    ("taste", "Любимый вкус", "choice"),
    ("children", "Детей", "number"),
    ("anniversary", "Годовщина", "date"),
    ("tea-club", "В чайном клубе", "boolean"),
    ("workplace", "Место работы", "text"),
)
ORDER_PARAMS = (("delivery", "Доставка", "choice"), ("promo", "Промокод", "text"))
ACTION_TYPES = (
    {"code": "review", "name": "Отзыв", "amount_param": "rating", "reference_param": "product"},
    {"code": "app-login", "name": "Вход в приложение", "amount_param": None, "reference_param": "platform"},
)
ACTION_PARAMS = {
    "review": (
        ("rating", "Оценка", "number"),
        ("product", "Товар", "reference"),
        ("text", "Текст", "text"),
        ("recommends", "Рекомендует", "boolean"),
    ),
    "app-login": (("platform", "Платформа", "choice"), ("version", "Версия", "text")),
}
CHOICES = {"taste": TASTES, "delivery": DELIVERIES, "platform": ("ios", "android")}
_NAMES = {
    "sweet": "Сладкий", "tart": "Терпкий", "floral": "Цветочный", "smoky": "Дымный",
    "courier": "Курьер", "pickup": "Самовывоз", "post": "Почта", "ios": "iOS", "android": "Android",
}  # fmt: skip
_STATUSES = (
    ("new", "Новый", "new"),
    ("in-progress", "В работе", "in_progress"),
    ("done", "Выполнен", "done"),
    ("cancelled", "Отменён", "cancelled"),
)


async def define(repository: DemoRepository, *, goods: tuple[Good, ...]) -> Definitions:
    """Write all definitions and return their ids."""
    statuses = [{"code": code, "name": name, "status_group": group} for code, name, group in _STATUSES]
    await repository.add(OrderStatus, statuses)
    tags = [{"code": code, "name": name, "color": color} for code, name, color, _ in words.TAGS]
    types = await repository.define(ActionType, ACTION_TYPES)
    params = {entity: await _params(repository, entity, rows) for entity, rows in _OWN_PARAMS}
    for code, rows in ACTION_PARAMS.items():
        await _params(repository, "action", rows, types[code])
    return Definitions(
        products=await _products(repository, goods),
        tags=await repository.define(Tag, tags),
        client_params=params["client"],
        order_params=params["order"],
        action_types=BUILT_IN_TYPE_IDS | types,
    )


_OWN_PARAMS = (("client", CLIENT_PARAMS), ("order", ORDER_PARAMS))


async def _params(
    repository: DemoRepository,
    entity: str,
    rows: tuple[tuple[str, str, str], ...],
    action_type_id: int | None = None,
) -> dict[str, int]:
    """Params of one entity, and the choices of those that have any."""
    given = [
        {"entity": entity, "action_type_id": action_type_id, "code": code, "name": name, "type": type_}
        for code, name, type_ in rows
    ]
    ids = await repository.define(Param, given)
    choices = [
        {"param_id": ids[param], "code": code, "name": _NAMES[code], "position": place}
        for param, codes in CHOICES.items()
        if param in ids
        for place, code in enumerate(codes)
    ]
    if choices:
        await repository.add(ParamChoice, choices)
    return ids


async def _products(repository: DemoRepository, goods: tuple[Good, ...]) -> dict[str, int]:
    """The tree of groups from the top down, then the products in them."""
    groups: dict[str, int] = {}
    paths: dict[str, list[str]] = {}
    for code, name, above in words.GROUPS:
        paths[code] = [*(paths[above] if above else []), code]
        parent = groups[above] if above else None
        row = {"code": code, "name": name, "parent_id": parent, "path": paths[code]}
        groups |= await repository.define(ProductGroup, [row])
    given = [
        {"code": good.code, "name": good.name, "group_id": groups[good.group] if good.group else None}
        for good in goods
    ]
    return await repository.define(Product, given)
