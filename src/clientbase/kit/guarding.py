"""The quote before text that a spreadsheet would run as a formula; put on at export, taken off at import."""

import re

_DANGER = r"'*[\s;\",]*[=+\-@\t\r\n＝＋－＠]"
PATTERN = f"^{_DANGER}"
"""Texts that need a quote, as a regular expression of Python and of PostgreSQL; those led by quotes too, so
that taking one off gives back what was there."""
HARMLESS = r"^[+-][0-9][0-9 ()+.,-]*$"
"""Of these the ones that do not: phones and negative numbers stay as they are."""
_GUARDED = re.compile(f"'(?={_DANGER})")
_UNSAFE = re.compile(PATTERN)
_HARMLESS = re.compile(HARMLESS, re.ASCII)


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if _UNSAFE.match(text) and not _HARMLESS.match(text) else text


def unguarded(text: str) -> str:
    """Text without its guard, if it has one.

    >>> unguarded(guarded("=1+1"))
    '=1+1'
    """
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text
