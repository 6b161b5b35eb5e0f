"""Actions of any source, upserted as sets."""

from clientbase.loading.actions.rows import ActionRow
from clientbase.loading.actions.service import upsert_actions

__all__ = ["ActionRow", "upsert_actions"]
