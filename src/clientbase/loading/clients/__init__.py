"""The one way in which clients are written: a set-based upsert of rows from any source."""

from clientbase.loading.clients.rows import ClientRow, Mode
from clientbase.loading.clients.service import upsert

__all__ = ["ClientRow", "Mode", "upsert"]
