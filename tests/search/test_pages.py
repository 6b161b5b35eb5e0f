"""The ways to read a page agree with a plain sort, whatever the size of the set and where its members lie."""

import random
from collections.abc import Iterator

import pytest
from pyroaring import BitMap64

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, reading
from clientbase.search.bits import CONTAINER_BITS, bit_string
from clientbase.search.orders import choose_sorting
from clientbase.search.pager import Bounds, Pager
from tests.search.bases import Known, make_base


def _bitmaps() -> Iterator[BitMap64]:
    rng = random.Random(5)
    far = 3 * CONTAINER_BITS
    yield BitMap64()
    yield BitMap64([7])
    yield BitMap64(range(far - 10, far + 70_000))
    yield BitMap64(rng.sample(range(1_000_000), 200_000))
    yield BitMap64(rng.sample(range(2**33, 2**33 + 1_000_000), 3_000))
    yield BitMap64(number for start in range(0, 10**6, 1000) for number in range(start, start + start % 37))
    yield BitMap64([2**32 - 1, 2**32, 2**32 + 9])


@pytest.mark.parametrize("members", list(_bitmaps()))
@pytest.mark.parametrize("optimised", [False, True])
def test_a_string_of_bits_holds_the_same_ids(members: BitMap64, optimised: bool) -> None:
    if optimised:
        members.run_optimize()
    sent = bit_string(members)
    assert sent is not None
    first, bits = sent
    found = [
        first + place * 8 + bit
        for place, byte in enumerate(bits)
        if byte
        for bit in range(8)
        if byte >> bit & 1
    ]
    assert found == list(members)


def test_ids_far_apart_are_not_sent_as_bits() -> None:
    assert bit_string(BitMap64([1, 2**40])) is None


def _order(clients: list[Known], *, descending: bool) -> list[int]:
    def position(client: Known) -> tuple[float, int]:
        assert client.last_order_at is not None
        return client.last_order_at.timestamp(), client.id

    full = [client for client in clients if client.last_order_at is not None]
    empty = sorted((client.id for client in clients if client.last_order_at is None), reverse=descending)
    return [client.id for client in sorted(full, key=position, reverse=descending)] + empty


@pytest.mark.parametrize("sort", ["last_order_at,city", "-last_order_at,-city", "city,-last_order_at"])
async def test_pages_by_two_keys_leave_out_no_client_without_values(
    sessions: Sessions, account: AccountInfo, sort: str
) -> None:
    clients = await make_base(sessions, account, 90)
    found: list[int] = []
    async with reading(sessions, snapshot=True) as session:
        pager = Pager(session, account.id, choose_sorting(sort), None)
        whole = await pager.page(None, 100)
        page = await pager.page(None, 7)
        while page:
            found += [position.client_id for position in page]
            page = await pager.page(page[-1], 7)
    assert found == [position.client_id for position in whole]
    assert sorted(found) == sorted(client.id for client in clients)


@pytest.mark.parametrize("sort", ["last_order_at", "-last_order_at"])
@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(),
        Bounds(few=0, first_steps=1),
        Bounds(few=0, first_steps=10),
        Bounds(few=0, first_steps=1000),
    ],
)
async def test_sets_at_either_end_are_paged_whole(
    sessions: Sessions, account: AccountInfo, sort: str, bounds: Bounds
) -> None:
    """Small bounds let small sets go every way: looked up, walked, met from the far end."""
    clients = await make_base(sessions, account, 90)
    ordered = _order(clients, descending=sort.startswith("-"))
    for wanted in (ordered[:20], ordered[-20:], ordered[30:45], ordered[::4], ordered, []):
        found: list[int] = []
        async with reading(sessions, snapshot=True) as session:
            pager = Pager(session, account.id, choose_sorting(sort), BitMap64(wanted), bounds)
            page = await pager.page(None, 7)
            while page:
                found += [position.client_id for position in page]
                page = await pager.page(page[-1], 7)
        assert found == wanted
