"""References between segments: a directed graph without cycles, at most five levels deep."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clientbase.kit.errors import Invalid, Item

MAX_LEVELS = 5
Edges = Mapping[str, frozenset[str]]
"""A segment's code → the codes that its filter names."""


@dataclass(frozen=True)
class Graph:
    """The references of an account's segments."""

    edges: Edges

    def cycle_through(self, code: str) -> list[str] | None:
        """A way from a segment back to itself, or None."""
        ways = [[code, reference] for reference in sorted(self.edges.get(code, ()))]
        seen: set[str] = set()
        while ways:
            way = ways.pop()
            if way[-1] == code:
                return way
            if way[-1] not in seen:
                seen.add(way[-1])
                ways += [[*way, reference] for reference in sorted(self.edges.get(way[-1], ()))]
        return None

    def levels_through(self, code: str) -> int:
        """The length of the longest chain of references that passes through a segment."""
        users: dict[str, set[str]] = {}
        for user, references in self.edges.items():
            for reference in references:
                users.setdefault(reference, set()).add(user)
        return _depth(code, self.edges) + _depth(code, users)

    def ordered(self, codes: Iterable[str]) -> list[str]:
        """The given segments, each behind those that it refers to."""
        wanted = sorted(codes)
        found: dict[str, None] = {}
        todo = [(code, False) for code in reversed(wanted)]
        while todo:
            code, is_done = todo.pop()
            if is_done:
                found[code] = None
            elif code not in found:
                todo.append((code, True))
                todo += [(reference, False) for reference in sorted(self.edges.get(code, ()), reverse=True)]
        return [code for code in found if code in set(wanted)]


def check_references(graph: Graph, code: str) -> None:
    """Raises Invalid: SEGMENT_CYCLE with the way around, SEGMENTS_TOO_DEEP."""
    cycle = graph.cycle_through(code)
    if cycle is not None:
        message = f"The segment would refer to itself: {' → '.join(cycle)}."
        raise Invalid("SEGMENT_CYCLE", message, [Item("/filter", "SEGMENT_CYCLE", message, tuple(cycle))])
    if graph.levels_through(code) > MAX_LEVELS:
        message = f"At most {MAX_LEVELS} levels of segments that refer to segments."
        item = Item("/filter", "SEGMENTS_TOO_DEEP", message, (MAX_LEVELS,))
        raise Invalid("SEGMENTS_TOO_DEEP", message, [item])


def _depth(code: str, edges: Mapping[str, Iterable[str]]) -> int:
    """The longest way from a segment along edges without a cycle."""
    depth, level, here = 0, 0, {code}
    while here:
        depth = level
        here = {reference for one in here for reference in edges.get(one, ())}
        level += 1
        if level > len(edges) + 1:
            break
    return depth
