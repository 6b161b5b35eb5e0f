"""API keys: `cb_<id>_<secret>`; only a keyed hash of the secret is stored."""

import hashlib
import hmac
import re
import secrets
import string

from clientbase.config import settings

_ALPHABET = string.ascii_lowercase + string.digits
_FORM = re.compile(r"cb_([a-z0-9]{12})_([A-Za-z0-9]{32,64})", re.ASCII)


def make() -> tuple[str, str]:
    """A new public id and secret."""
    key_id = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    secret = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(40))
    return key_id, secret


def join(key_id: str, secret: str) -> str:
    """The key as it is given to people."""
    return f"cb_{key_id}_{secret}"


def split(key: str) -> tuple[str, str] | None:
    """Public id and secret of a key, or None when it has not the form of one."""
    match = _FORM.fullmatch(key)
    return (match[1], match[2]) if match else None


def secret_hash(secret: str) -> bytes:
    """The keyed hash under which a secret is stored."""
    return hmac.digest(settings().secret_key.get_secret_value().encode(), secret.encode(), hashlib.sha256)


def matches(secret: str, stored: bytes) -> bool:
    """Whether the secret is the stored one, in constant time."""
    return hmac.compare_digest(secret_hash(secret), stored)
