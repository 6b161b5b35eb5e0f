"""What a leaf rests on: the facets whose changes reach it, and the revisions that are part of its name."""

from dataclasses import dataclass

from clientbase.filters import Leaf
from clientbase.filters.leaves import ActionLeaf
from clientbase.filters.reads import tables_read
from clientbase.models.feeds import FEEDS, REVISED, facet

_FED = {model.__tablename__: feed for model, feed in FEEDS.items()}
_REVISED = frozenset(model.__tablename__ for model in REVISED)
_MOST = 20_000
_known: dict[str, "Footprint"] = {}


@dataclass(frozen=True, slots=True)
class Footprint:
    """Facets of the log of changes, and kinds of revisions."""

    facets: frozenset[str]
    revisions: frozenset[str]


def footprint(key: str, leaf: Leaf) -> Footprint:
    """What the leaf of a key rests on; equal keys rest on the same, so that each is looked at once."""
    if key not in _known:
        if len(_known) >= _MOST:
            _known.clear()
        _known[key] = _look(leaf)
    return _known[key]


def _look(leaf: Leaf) -> Footprint:
    tables = tables_read(leaf)
    unknown = tables - _FED.keys() - _REVISED
    if unknown:
        raise LookupError(f"nothing tells of changes of {sorted(unknown)}: see models/feeds.py")
    type_id = leaf.action.type_id if isinstance(leaf, ActionLeaf) else None
    facets = {facet(table, type_id if _FED[table].by_type else None) for table in tables & _FED.keys()}
    return Footprint(frozenset(facets), tables & _REVISED)
