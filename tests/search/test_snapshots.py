"""Snapshots as values, against sets of transactions."""

from hypothesis import given
from hypothesis import strategies as st

from clientbase.search.snapshots import Snapshot, all_seen_by

LAST = 12


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    ends = draw(st.integers(1, LAST))
    running = draw(st.frozensets(st.integers(0, ends - 1)))
    return Snapshot(min(running, default=ends), ends, running)


def seen(snapshot: Snapshot) -> set[int]:
    return {number for number in range(LAST) if snapshot.sees(number)}


@given(snapshots(), snapshots())
def test_one_is_ahead_when_it_sees_what_the_other_does_not(one: Snapshot, other: Snapshot) -> None:
    assert one.is_ahead_of(other) is bool(seen(one) - seen(other))


@given(st.lists(snapshots(), min_size=1, max_size=4))
def test_what_all_see(several: list[Snapshot]) -> None:
    common = seen(all_seen_by(several))
    assert common <= set.intersection(*map(seen, several))


@given(snapshots())
def test_a_snapshot_is_read_as_it_is_written(snapshot: Snapshot) -> None:
    assert Snapshot.parse(str(snapshot)) == snapshot
    assert all(map(snapshot.sees, range(snapshot.begins)))
