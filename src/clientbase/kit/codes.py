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
    return base if not await exists(base) else await _numbered(base, exists)


async def _numbered(base: str, exists: Callable[[str], Awaitable[bool]]) -> str:
    """A free code with a number: between one that is taken and one that is not, found by halves."""

    def code(number: int) -> str:
        return f"{base[: _LENGTH - len(str(number)) - 1]}-{number}"

    taken, free = 1, 2
    while await exists(code(free)):
        taken, free = free, 2 * free
    while free - taken > 1:
        middle = (taken + free) // 2
        if await exists(code(middle)):
            taken = middle
        else:
            free = middle
    return code(free)
