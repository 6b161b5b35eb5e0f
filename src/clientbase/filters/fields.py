"""The table of the client's built-in fields: code, names, group, type, where it is read."""

from clientbase.filters.specs import Choice, Choices, Field, Label, Read, Type

GROUPS = {
    "client": Label("Клиент", "Client"),
    "params": Label("Свои параметры", "Own params"),
    "card": Label("Карта и лояльность", "Card and loyalty"),
    "orders": Label("Заказы", "Orders"),
    "visits": Label("Визиты и реклама", "Visits and advertising"),
}

GENDERS = (Choice("male", "мужской", "male"), Choice("female", "женский", "female"))


def _text(
    code: str, ru: str, en: str, group: str = "client", personal: bool = False, rows: str = "clients"
) -> Field:
    read = Read("column", f"{code}_folded", rows)
    return Field(code, Label(ru, en), Type.TEXT, read, group, personal)


def _column(
    code: str,
    type_: Type,
    ru: str,
    en: str,
    group: str = "client",
    rows: str = "clients",
    lookup: str | None = None,
) -> Field:
    return Field(code, Label(ru, en), type_, Read("column", code, rows), group, lookup=lookup)


def _counted(code: str, type_: Type, ru: str, en: str, column: str = "") -> Field:
    """A counted field that is 0 for a client without orders."""
    read = Read("column", column or code, "client_stats")
    return Field(code, Label(ru, en), type_, read, "orders", zero=True, minor=type_ is Type.MONEY)


def _visit_text(code: str, ru: str, en: str) -> Field:
    return _text(code, ru, en, "visits", rows="client_visits")


def _extra_key(number: int) -> Field:
    return _text(f"extra_key_{number}", f"Доп. ключ {number}", f"Extra key {number}", personal=True)


_CLIENT = (
    Field("id", Label("ID клиента", "Client id"), Type.INTEGER, Read("column", "id", "clients"), "client"),
    Field(
        "external_id",
        Label("Внешний ID", "External id"),
        Type.TEXT,
        Read("column", "external_id_folded", "client_identities"),
        "client",
        personal=True,
    ),
    _column("source", Type.REFERENCE, "Источник", "Source", lookup="/clients?fields=source"),
    _text("full_name", "Полное имя", "Full name", personal=True),
    _text("last_name", "Фамилия", "Last name", personal=True),
    _text("first_name", "Имя", "First name", personal=True),
    _text("middle_name", "Отчество", "Middle name", personal=True),
    Field(
        "phone",
        Label("Телефон", "Phone"),
        Type.TEXT,
        Read("phone", "value", "client_contacts", "phone"),
        "client",
        personal=True,
        form="phone",
    ),
    Field(
        "phone_verified",
        Label("Телефон подтверждён", "Phone verified"),
        Type.BOOLEAN,
        Read("any", "verified", "client_contacts", "phone"),
        "client",
        personal=True,
    ),
    Field(
        "email",
        Label("E-mail", "E-mail"),
        Type.TEXT,
        Read("column", "value", "client_contacts", "email"),
        "client",
        personal=True,
        form="email",
    ),
    Field(
        "birth_date",
        Label("День рождения", "Birth date"),
        Type.DATE,
        Read("column", "birth_date", "clients"),
        "client",
        personal=True,
    ),
    Field(
        "age",
        Label("Возраст", "Age"),
        Type.INTEGER,
        Read("age", "birth_date", "clients"),
        "client",
        personal=True,
    ),
    Field(
        "gender",
        Label("Пол", "Gender"),
        Type.CHOICE,
        Read("column", "gender", "clients"),
        "client",
        choices=Choices(GENDERS),
    ),
    _text("city", "Город", "City"),
    _text("region", "Регион", "Region"),
    _text("country", "Страна", "Country"),
    _text("car_number", "Номер автомобиля", "Car number", personal=True),
    *(_extra_key(number) for number in range(1, 7)),
    Field(
        "tags",
        Label("Теги", "Tags"),
        Type.SET,
        Read("column", "tag_id", "client_tags"),
        "client",
        dictionary="tag",
        lookup="/tags",
    ),
    _column("created_at", Type.DATETIME, "Добавлен", "Created"),
    _column("updated_at", Type.DATETIME, "Изменён", "Changed"),
    _column("consent_marketing", Type.BOOLEAN, "Согласие на рекламу", "Marketing consent"),
    _column("consent_personal_data", Type.BOOLEAN, "Согласие на обработку данных", "Personal data consent"),
    _column("manager", Type.REFERENCE, "Менеджер", "Manager", lookup="/clients?fields=manager"),
    _column("shop", Type.REFERENCE, "Магазин", "Shop", lookup="/clients?fields=shop"),
)

_CARD = (
    _text("card_number", "Номер карты", "Card number", "card", personal=True),
    _text("card_barcode", "Штрихкод карты", "Card barcode", "card", personal=True),
    _column("card_template", Type.REFERENCE, "Шаблон карты", "Card template", "card"),
    _column("device", Type.CHOICE, "Устройство", "Device", "card"),
    _column("loyalty_level", Type.CHOICE, "Уровень лояльности", "Loyalty level", "card"),
    Field(
        "bonus_balance",
        Label("Баланс бонусов", "Bonus balance"),
        Type.NUMBER,
        Read("balance", "bonus_balance", "client_stats"),
        "card",
        zero=True,
    ),
    _column("discount_percent", Type.NUMBER, "Скидка, %", "Discount, %", "card"),
    _column("last_accrual_at", Type.DATETIME, "Последнее начисление", "Last accrual", "card"),
    _column("last_writeoff_at", Type.DATETIME, "Последнее списание", "Last write-off", "card"),
    _column("issue_form", Type.CHOICE, "Форма выпуска", "Issue form", "card"),
    _column("point_of_sale", Type.REFERENCE, "Точка продаж", "Point of sale", "card"),
    _text("event_trigger", "Триггер по событию", "Event trigger", "card"),
    _column("date_trigger", Type.DATE, "Триггер по дате", "Date trigger", "card"),
)

_ORDERS = (
    _counted("orders_count", Type.INTEGER, "Всего заказов", "Orders"),
    _counted("sales_count", Type.INTEGER, "Покупок", "Purchases"),
    _counted("items_count", Type.NUMBER, "Куплено товаров", "Items bought"),
    _counted("deals_in_progress_count", Type.INTEGER, "Заказов в работе", "Orders in progress"),
    _counted("cancelled_count", Type.INTEGER, "Отменённых заказов", "Cancelled orders"),
    _counted("cancelled_revenue", Type.MONEY, "Сумма отменённых", "Cancelled amount"),
    _counted("revenue", Type.MONEY, "Выручка", "Revenue"),
    _counted("profit", Type.MONEY, "Прибыль", "Profit"),
    _counted("ltv", Type.MONEY, "LTV", "LTV", "profit"),
    Field(
        "average_check",
        Label("Средний чек", "Average check"),
        Type.MONEY,
        Read("average_check", "revenue", "client_stats"),
        "orders",
        minor=True,
    ),
    Field(
        "last_purchase_amount",
        Label("Сумма последней покупки", "Last purchase amount"),
        Type.MONEY,
        Read("column", "last_purchase_amount", "client_stats"),
        "orders",
        minor=True,
    ),
    _column("first_order_at", Type.DATETIME, "Первый заказ", "First order", "orders", "client_stats"),
    _column("last_order_at", Type.DATETIME, "Последний заказ", "Last order", "orders", "client_stats"),
    _column("first_purchase_at", Type.DATETIME, "Первая покупка", "First purchase", "orders", "client_stats"),
    _column(
        "last_purchase_at", Type.DATETIME, "Последняя покупка", "Last purchase", "orders", "client_stats"
    ),
    Field(
        "client_since_days",
        Label("Дней с первой покупки", "Days since the first purchase"),
        Type.INTEGER,
        Read("days_since", "first_purchase_at", "client_stats"),
        "orders",
    ),
)

_VISITS = (
    _column("first_visit_at", Type.DATETIME, "Первый визит", "First visit", "visits", "client_visits"),
    _column("last_visit_at", Type.DATETIME, "Последний визит", "Last visit", "visits", "client_visits"),
    Field(
        "visits_count",
        Label("Визитов", "Visits"),
        Type.INTEGER,
        Read("column", "visits_count", "client_visits"),
        "visits",
        zero=True,
    ),
    _column("ad_channel", Type.REFERENCE, "Рекламный канал", "Ad channel", "visits", "client_visits"),
    _column(
        "last_ad_channel", Type.REFERENCE, "Последний канал", "Last ad channel", "visits", "client_visits"
    ),
    *(
        _visit_text(f"{prefix}utm_{part}", f"{ru}utm_{part}", f"{en}utm_{part}")
        for prefix, ru, en in (("", "", ""), ("last_", "Последний ", "Last "))
        for part in ("source", "medium", "campaign", "content", "term")
    ),
    _visit_text("referral_id", "Реферальный ID", "Referral id"),
    *(
        Field(
            code,
            Label(ru, en),
            Type.SET,
            Read("array", f"{code}_folded", "client_visits"),
            "visits",
            form="folded",
        )
        for code, ru, en in (
            ("visit_countries", "Страны визитов", "Countries of visits"),
            ("visit_cities", "Города визитов", "Cities of visits"),
        )
    ),
)

CLIENT_FIELDS: dict[str, Field] = {field.code: field for field in (*_CLIENT, *_CARD, *_ORDERS, *_VISITS)}
