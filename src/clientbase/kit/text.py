"""How text is cleaned, compared and turned into codes."""

import re
import unicodedata

_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщыэюя"
_SOUNDS = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya"
_LATIN = dict(zip(_LETTERS, _SOUNDS.split(), strict=True)) | {"ъ": "", "ь": ""}


def clean(text: str) -> str | None:
    """Text as it is stored: NFC, trimmed of every Unicode blank; blank is None."""
    composed = text if text.isascii() else unicodedata.normalize("NFC", text)
    return composed.strip() or None


def fold(text: str) -> str:
    """Text as it is compared: cleaned, case-folded, ё as е.

    >>> fold(" ЁЛКА ")
    'елка'
    """
    if text.isascii():
        return text.strip().lower()
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).strip().casefold())
    return folded.replace("ё", "е")


def code_from(name: str) -> str:
    """A code `[a-z][a-z0-9_-]{0,62}` made from a name by transliteration; empty when nothing is left.

    >>> code_from("Спящие (90 дней)")
    'spyashchie-90-dney'
    """
    latin = "".join(_LATIN.get(char, char) for char in unicodedata.normalize("NFC", name).lower())
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_0123456789")[:63].strip("-_")


def like_escape(text: str) -> str:
    """Text with the signs of LIKE made plain, for `LIKE … ESCAPE '\\'`."""
    return re.sub(r"([\\%_])", r"\\\1", text)
