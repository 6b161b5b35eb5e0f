"""What people call columns, in Russian and English, beside the names in the catalogue of filters."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    "external_id": ("внешний код", "внешний id", "код", "id crm", "id в crm", "external id"),
    "full_name": ("фио", "ф и о", "имя и фамилия", "клиент", "полное имя", "name", "full name", "fullname"),
    "last_name": ("фамилия", "surname", "last name", "lastname", "family name"),
    "first_name": ("имя", "first name", "firstname", "given name"),
    "middle_name": ("отчество", "patronymic", "middle name", "second name"),
    "phone": (
        "телефон", "тел", "мобильный", "мобильный телефон", "сотовый", "номер телефона", "phone",
        "phone number", "mobile", "tel", "телефон 2", "телефон 3", "доп телефон", "phones", "телефоны",
    ),
    "email": (
        "e mail", "email", "mail", "почта", "эл почта", "электронная почта", "эл адрес", "имейл", "emails",
    ),
    "birth_date": ("дата рождения", "день рождения", "др", "birthday", "birth date", "date of birth", "dob"),
    "gender": ("пол", "sex", "gender"),
    "city": ("город", "населенный пункт", "town"),
    "region": ("регион", "область", "край", "state", "province"),
    "country": ("страна",),
    "car_number": ("номер автомобиля", "госномер", "авто", "car", "license plate"),
    "source": ("источник", "откуда"),
    "manager": ("менеджер", "ответственный", "responsible"),
    "shop": ("магазин", "точка", "филиал", "store", "branch"),
    "card_number": ("номер карты", "карта", "card", "card number", "loyalty card"),
    "card_barcode": ("штрихкод", "штрих код", "barcode"),
    "loyalty_level": ("уровень", "уровень лояльности", "статус клиента", "level", "tier"),
    "bonus_balance": ("бонусы", "баллы", "баланс", "баланс бонусов", "bonuses", "points", "balance"),
    "discount_percent": ("скидка %", "процент скидки", "discount %"),
    "tags": ("теги", "метки", "тег", "метка", "tag", "labels"),
    "consent_marketing": (
        "согласие на рассылку", "согласие на рекламу", "рассылка", "подписка", "marketing consent",
        "subscribed",
    ),
    "consent_personal_data": (
        "согласие на обработку", "согласие на обработку персональных данных", "согласие на обработку пд",
        "personal data consent",
    ),
    "created_at": (
        "дата создания", "дата регистрации", "создан", "дата заказа", "created", "registered", "date created",
    ),
    "number": ("номер", "номер заказа", "order number", "№ заказа"),
    "status": ("статус", "статус заказа", "order status"),
    "status_group": ("группа статуса", "группа статусов", "status group"),
    "status_changed_at": (
        "дата статуса", "статус изменен", "дата выполнения", "дата оплаты", "status changed",
    ),
    "total": ("сумма", "сумма заказа", "итого", "итог", "total", "sum", "order total", "order amount"),
    "discount": ("скидка", "сумма скидки", "discount"),
    "cost": ("себестоимость", "закупка", "cost"),
    "currency": ("валюта",),
    "url": ("ссылка", "link"),
    "product": ("товар", "код товара", "артикул", "sku", "product code", "product id", "item"),
    "quantity": ("количество", "кол во", "qty", "count"),
    "price": ("цена", "цена за единицу", "unit price"),
    "amount": ("сумма строки", "стоимость", "сумма", "line total", "line amount", "сумма позиции"),
    "client.external_id": (
        "внешний id клиента", "код клиента", "клиент", "client external id", "client code", "customer id",
        "customer", "покупатель", "id клиента", "клиент id", "client id",
    ),
    "client.phone": (
        "телефон", "телефон клиента", "тел", "phone", "client phone", "customer phone", "мобильный",
    ),
    "client.email": ("email", "e mail", "почта", "email клиента", "client email", "customer email"),
    "type": ("тип", "действие", "событие", "action", "event", "event type", "action type"),
    "at": ("дата", "время", "дата и время", "когда", "date", "time", "timestamp", "datetime"),
}  # fmt: skip
"""Target → headers, compared without case, ё, and signs."""
OUR_ID = ("id clientbase", "clientbase id", "ид clientbase")
OUR_ID_OF_OWNER = (*OUR_ID, "id клиента clientbase", "clientbase client id")
"""Our own ids go by our own name only: a file of another system would overwrite strangers."""
OF_CLIENT = (
    "id", "ид", "id клиента", "client id", "код клиента", "номер клиента", "client code", "customer id",
)  # fmt: skip
OF_ORDER = ("id заказа", "код заказа", "order id", "order external id", "order code")
"""What an external id is called beside, by what it is of."""
