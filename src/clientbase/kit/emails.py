"""E-mails as they are stored: lower-case, of a valid form."""

import re

from email_validator import EmailNotValidError, validate_email

_PLAIN = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}", re.ASCII)
"""The usual form, which needs no library; what differs is judged by it."""


def normalise(text: str) -> str | None:
    """A lower-case e-mail, or None when it is not one; no mail server is asked."""
    email = text.strip().lower()
    if len(email) <= 64 and _PLAIN.fullmatch(email):
        return email
    try:
        checked = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return checked.normalized.lower()
