"""Codes of things that people name: given, or made from the name and made unique."""

from collections.abc import Awaitable, Callable

from clientbase.kit.errors import Conflict, Item
from clientbase.kit.text import code_from

_LENGTH = 63


async def choose_code(
    given: str | None, name: str, fallback: str, exists: Callable[[str], Awaitable[bool]]
) -> str:
    """The given code, or a free one made from the name. Raises Conflict when the given one is taken."""
    if given is not None:
        if await exists(given):
            item = Item("/code", "CODE_TAKEN", "Another one has this code.")
            raise Conflict("CODE_TAKEN", "The code is taken.", [item])
        return given
    base = code_from(name) or fallback
    code, number = base, 1
    while await exists(code):
        number += 1
        code = f"{base[: _LENGTH - len(str(number)) - 1]}-{number}"
    return code
