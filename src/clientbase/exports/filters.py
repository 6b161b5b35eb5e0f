"""Filters of exports: what a run goes by, and whether one may be shown."""

from collections.abc import Mapping

from clientbase.exports.plan import ExportPlan
from clientbase.exports.repository import Filter, filters_of
from clientbase.filters import Catalogue, check, uses
from clientbase.kit.db import AnySession
from clientbase.kit.errors import Gone, Invalid
from clientbase.segments.storage import exact


async def find(session: AnySession, *, account_id: int, run_id: int, plan: ExportPlan) -> Filter | None:
    """The filter that a run goes by; None where it goes by none. Raises Gone (FILTER_EXPIRED)."""
    if not plan.by_filter:
        return None
    kept = await filters_of(session, account_id=account_id, run_ids=[run_id])
    if run_id not in kept:
        raise Gone("FILTER_EXPIRED", "The filter of the export has been deleted after its time.")
    found: Filter = exact(kept[run_id])
    return found


def without_personal(kept: Mapping[int, Filter], catalogue: Catalogue) -> dict[int, Filter]:
    """Those that read no personal data as things stand now; one that no longer holds may have."""
    return {run_id: stored for run_id, stored in kept.items() if not _reads_personal(stored, catalogue)}


def _reads_personal(stored: Filter, catalogue: Catalogue) -> bool:
    try:
        return uses(check(exact(stored), catalogue)).personal
    except Invalid:
        return True
