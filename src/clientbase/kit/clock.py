"""The only clock of the code; in test mode a file sets it."""

from datetime import UTC, datetime

from clientbase.config import settings


def now() -> datetime:
    """The instant it is now, in UTC; read from `CLIENTBASE_CLOCK_FILE` (RFC 3339) where one is set."""
    file = settings().clock_file
    if file is not None and file.exists():
        return datetime.fromisoformat(file.read_text().strip()).astimezone(UTC)
    return datetime.now(UTC)
