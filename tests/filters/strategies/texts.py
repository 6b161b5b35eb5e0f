"""Texts, phones, e-mails and codes that break careless comparison."""

import unicodedata

from ..oracle.text import digit_forms, digits, fold
from .chance import Chance

WORDS = (
    "Москва", "москва", " МОСКВА ", "Орёл", "Орел", "ОРЁЛ", "Е\u0308лка", "ёлка", "Ёлка", "Королёв",
    "Королев", "Йошкар-Ола", "И\u0306ошкар-Ола", "Казань", "\u00a0Казань\u3000", "\u2003Казань\u0085",
    "Нижний  Новгород", "100%", "100", "1000", "a%b", "a_b", "axb", "a\\b", "a\\%b", "%", "_", "\\", "%%",
    "__", "\\\\", "Straße", "STRASSE", "strasse", "İstanbul", "istanbul", "ISTANBUL", "i\u0307stanbul",
    "ısparta", "ΣΊΣΥΦΟΣ", "σίσυφος", "Σίσυφοσ", "ﬁne", "fine", "\u212aelvin", "kelvin", "\u212bngström",
    "ångström", "ǰazz", "J\u030cazz", "\u0390", "\u03ca\u0301", "O'Brien", '"quoted"', "; --", "$1", ":x",
    "{}", "🙂", "null", "Анна", "анна", "Анна-Мария", "Иванов", "ИВАНОВ", "Иванова", "a", "А", "0", "-1",
    "1e3",
)  # fmt: skip

BLANKS = ("", " ", "\u00a0", "\u3000\u2003", "\t\n", "\u0085\u2028")

CODES = ("S1", "s1", "Тверская 5%", "тверская 5%", "a_b", "axb", "a\\b", "ЁЖ", "еж", "001", "1", "q'q")
"""Codes that a source gives: compared as they stand."""

MOBILE = ("+79161234567", "+79161234568", "+79031112233", "+79857654321", "+74951234567", "+78121234567")
FOREIGN = ("+4915123456789", "+493012345678", "+12024561111", "+375291234567", "+77012345678", "+79161112233")
EMAILS = (
    "anna@example.com", "anna.k@example.com", "a_b@example.com", "axb@example.com", "a%b@mail.ru",
    "a+b@mail.ru", "ivan@mail.ru", "ivanov@mail.ru", "info@пример.рф", "o'brien@example.org",
    "100%@example.org",
)  # fmt: skip


def text(chance: Chance) -> str:
    """A stored text: mostly a word of the list, at times blank or a word in another dress."""
    if chance.happens(0.06):
        return chance.one(BLANKS)
    word = chance.one(WORDS)
    return disguise(chance, word) if chance.happens(0.25) else word


def disguise(chance: Chance, word: str) -> str:
    """The same text to a reader who minds neither case nor blanks around nor ё."""
    return chance.one(DISGUISES)(word)


DISGUISES = (
    lambda word: word,
    str.upper,
    str.lower,
    str.title,
    str.swapcase,
    str.casefold,
    lambda word: f"  {word}\u00a0",
    lambda word: f"\u3000{word}\t",
    lambda word: unicodedata.normalize("NFD", word),
    lambda word: word.replace("ё", "е").replace("Ё", "Е"),
    lambda word: word.replace("е", "ё"),
)


def fragment(chance: Chance, word: str, operator: str) -> str:
    """Part of a text that the operator would find in it, or nearly; never blank."""
    word = unicodedata.normalize("NFC", word).strip()
    length = chance.between(1, len(word))
    start = {"starts_with": 0, "ends_with": len(word) - length}.get(
        operator, chance.between(0, len(word) - length)
    )
    part = word[start : start + length]
    return part if fold(part) else word


def spell_phone(chance: Chance, e164: str, region: str) -> str:
    """One of the ways in which people write the whole number."""
    ways = [
        e164,
        f" {e164[:3]} {e164[3:]} ",
        f"{e164[:2]} ({e164[2:5]}) {e164[5:8]}-{e164[8:10]}-{e164[10:]}",
    ]
    ten = e164[2:]
    if region == "RU" and e164.startswith("+7"):
        ways += [
            ten,
            "8" + ten,
            "7" + ten,
            f"8 ({ten[:3]}) {ten[3:6]}-{ten[6:8]}-{ten[8:]}",
            f"8-{ten[:3]}-{ten[3:]}",
        ]
    if region == "DE" and e164.startswith("+49"):
        ways += ["0" + e164[3:], f"0{e164[3:6]} / {e164[6:]}"]
    return chance.one(ways)


def phone_fragment(chance: Chance, e164: str, operator: str) -> str:
    """Some digits of a number in one of its forms, bare or dressed."""
    part = fragment(chance, chance.one(digit_forms(e164)), operator)
    dressed = (part, f" {part} ", f"({part[:3]}) {part[3:]}", "-".join(part))
    return chance.one([way for way in dressed if digits(way)])
