"""The text by which a client is found from one search box: every field of the card, folded."""

from collections.abc import Iterable

from clientbase.kit.phones import digit_forms
from clientbase.kit.text import fold

SEARCHED_FIELDS = (
    "full_name", "last_name", "first_name", "middle_name", "city", "region", "country", "car_number",
    "extra_key_1", "extra_key_2", "extra_key_3", "extra_key_4", "extra_key_5", "extra_key_6",
    "card_number", "card_barcode", "manager", "shop",
)  # fmt: skip
"""Columns of `clients` in the searched text; e-mails, external ids and text params go in beside them."""


def search_text(*, texts: Iterable[str | None], phones: Iterable[str]) -> str:
    """Folded texts and the digit forms of phones (E.164), a line each, so that no match crosses fields."""
    parts = [fold(text) for text in texts if text]
    parts += [form for phone in phones for form in digit_forms(phone).split()]
    return "\n".join(dict.fromkeys(parts))
