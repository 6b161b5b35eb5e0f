"""What every new account begins with: order statuses and values of the choice fields."""

ORDER_STATUSES = [
    {"code": "new", "name": "Новый", "status_group": "new"},
    {"code": "in-progress", "name": "В работе", "status_group": "in_progress"},
    {"code": "done", "name": "Выполнен", "status_group": "done"},
    {"code": "cancelled", "name": "Отменён", "status_group": "cancelled"},
]

FIELD_CHOICES = [
    {"field": field, "code": code, "name": name}
    for field, choices in {
        "gender": {"male": "Мужской", "female": "Женский"},
        "device": {"ios": "iOS", "android": "Android", "desktop": "Компьютер", "other": "Другое"},
        "issue_form": {"plastic": "Пластиковая", "virtual": "Виртуальная", "wallet": "Электронный кошелёк"},
        "loyalty_level": {"base": "Базовый", "silver": "Серебряный", "gold": "Золотой"},
    }.items()
    for code, name in choices.items()
]
