"""Sending the chain to the service through its public HTTP interface."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import httpx

from tests.journey.source import Source

WINDOW = 16
PARAMS = {
    "age": "text",
    "income": "text",
    "household_comp": "text",
    "household_size": "number",
    "kids_count": "text",
}
REDEMPTION = {
    "code": "redemption",
    "name": "Погашение купона",
    "params": [
        {"code": "campaign", "name": "Кампания", "type": "reference"},
        {"code": "coupon", "name": "Купон", "type": "text"},
    ],
}


def load(api: httpx.Client, source: Source) -> dict[str, dict[str, int]]:
    """Everything in its order. Returns the counts of each kind; a rejected row fails."""
    for code, kind in PARAMS.items():
        _ok(api.post("/client-params", json={"code": code, "name": code, "type": kind}))
    _ok(api.post("/action-types", json=REDEMPTION))
    return {
        "groups": _batches(api, "/product-groups/batch", source.groups(), 1000),
        "products": _batches(api, "/products/batch", source.products(), 1000),
        "clients": _batches(api, "/clients/batch", source.clients(), 1000),
        "orders": _batches(api, "/orders/batch", source.orders(), 1000),
        "actions": _batches(api, "/actions/batch", source.actions(), 1000),
    }


def _batches(api: httpx.Client, path: str, rows: Iterable[dict[str, Any]], size: int) -> dict[str, int]:
    """Send rows in batches, two at a time, so that one is read while the other is written."""
    counts: dict[str, int] = {}
    batches = _chunks(rows, size)
    with ThreadPoolExecutor(2) as pool:
        while window := list(islice(batches, WINDOW)):
            for answer in pool.map(lambda items: _send(api, path, items), window):
                for name, count in answer["progress"].items():
                    counts[name] = counts.get(name, 0) + count
    return counts


def _send(api: httpx.Client, path: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    answer: dict[str, Any] = _ok(api.post(path, json={"items": items})).json()
    faults = [item for item in answer["items"] if item["status"] == "rejected"]
    assert not faults, faults[:3]
    return answer


def _chunks(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _ok(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, answer.text[:2000]
    return answer
