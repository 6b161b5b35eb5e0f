"""The filter engine: a JSON tree becomes leaves, a leaf one SELECT of client ids, bitmaps become members.

Pure: no session, no HTTP; what an account has comes in a `Catalogue` value. The way of a filter:

    catalogue = Catalogue(time_zone="Europe/Moscow", currency_exponent=2, region="RU", ...)
    checked = check(raw_json, catalogue)                  # Invalid with all errors at once
    what = plan(checked, catalogue)                       # Plan(root, leaves: {key: Leaf}, segments: ids)
    moment = Moment(now, ZoneInfo(catalogue.time_zone))   # one instant for the whole evaluation
    for keys in passes(what.leaves):                      # leaves that one statement answers
        select = compile_pass([what.leaves[key] for key in keys], account_id, moment)
    members = combine(what, leaf_bitmaps, segment_bitmaps, universe)

Pointers of errors begin at the tree (`/root/nodes/0/value`): the caller puts its own path before them.
`None` in place of a checked tree is `filter: null`, everyone.
"""

from clientbase.filters.bitmaps import combine
from clientbase.filters.catalogue import ActionType, Catalogue, Choice, Entry, Param
from clientbase.filters.check import check
from clientbase.filters.checked import Checked
from clientbase.filters.compiler import compile_leaf, compile_universe
from clientbase.filters.describe import describe
from clientbase.filters.leaves import Leaf
from clientbase.filters.limits import LIMITS
from clientbase.filters.listing import catalogue_rows
from clientbase.filters.moment import Moment
from clientbase.filters.passes import compile_pass, passes
from clientbase.filters.plan import Plan, plan
from clientbase.filters.readings import packed
from clientbase.filters.tree import Tree, parse
from clientbase.filters.uses import Uses, uses

__all__ = [
    "LIMITS",
    "ActionType",
    "Catalogue",
    "Checked",
    "Choice",
    "Entry",
    "Leaf",
    "Moment",
    "Param",
    "Plan",
    "Tree",
    "Uses",
    "catalogue_rows",
    "check",
    "combine",
    "compile_leaf",
    "compile_pass",
    "compile_universe",
    "describe",
    "packed",
    "parse",
    "passes",
    "plan",
    "uses",
]
