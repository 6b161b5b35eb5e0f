"""Quick search: one text over everything on the card; phones are found by their digits, however written."""

import re
from collections.abc import Sequence

from clientbase.kit.errors import Item, invalid
from clientbase.kit.phones import normalise
from clientbase.kit.text import fold, like_escape

MIN_LENGTH = 2
_PHONE_SIGNS = re.compile(r"[\d\s+()./-]+")
_FEWEST_DIGITS = 3


def patterns(values: Sequence[str], *, region: str) -> list[str]:
    """LIKE patterns over `client_search.text`: a card matches any. Raises Invalid (TOO_SHORT at /q)."""
    found: dict[str, None] = {}
    wrong = []
    for place, value in enumerate(values):
        folded = fold(value)
        if len(folded) < MIN_LENGTH:
            message = f"At least {MIN_LENGTH} signs are needed to search."
            wrong.append(Item(f"/q/{place}", "TOO_SHORT", message))
        found |= dict.fromkeys([folded, *_digits(folded, region)])
    if wrong:
        raise invalid(wrong)
    return [f"%{like_escape(text)}%" for text in found]


def _digits(text: str, region: str) -> list[str]:
    """What is looked for when the text is (a part of) a phone: its digits, and those of its stored form."""
    digits = "".join(char for char in text if char.isdecimal())
    if len(digits) < _FEWEST_DIGITS or not _PHONE_SIGNS.fullmatch(text):
        return []
    stored = normalise(text, region)
    return [digits] if stored is None else [digits, stored.removeprefix("+")]
