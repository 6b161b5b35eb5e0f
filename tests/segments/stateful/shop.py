"""One shop: its account over HTTP, the worker that keeps its segments, its clock, and the three opinions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from hypothesis import note
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.accounts import service as accounts
from clientbase.accounts.schemas import AccountInfo
from clientbase.filters import check, plan
from clientbase.kit import clock
from clientbase.kit.db import Sessions, reading, session_factory, writing
from clientbase.search import catalogue as catalogues
from clientbase.search.changes import prune
from clientbase.search.evaluator import Evaluator
from clientbase.search.leaf_store import CARRIED, LeafStore
from clientbase.segments.live import Memory
from tests import factories
from tests.filters.loader import define_choices
from tests.filters.oracle.base import Base
from tests.filters.oracle.evaluate import client_matches
from tests.filters.oracle.world import World
from tests.filters.strategies import catalogue
from tests.filters.tables import Tables
from tests.segments.rounds import live_round, settle
from tests.segments.stateful.asked import DYNAMIC, MANUAL, SIZED, STATIC, Tree
from tests.segments.stateful.mirror import Seen, look
from tests.segments.stateful.writes import CLIENT_PARAM, ORDER_PARAM
from tests.segments.work import make_due, recount

SEGMENTS = "/segments"
PARAM_CODES = {"number": "size", "text": "taste", "date": "since", "boolean": "willing", "choice": "grade"}
QUIZ = {"score": "number", "paid": "money", "topic": "reference", "taken": "datetime", "note": "text"}
CHOICES = [{"code": code, "name": code} for code in "abc"]
REST = {"version": 1, "root": {"type": "field", "field": "id", "operator": "gt", "value": 0}}
"""What a segment asks while that which it asked about is away."""


class Naive:
    """The oracle over a world."""

    def __init__(self, world: World) -> None:
        self.clients, self.base = world.clients.values(), Base(world, world.now)

    def members(self, tree: Tree) -> set[int]:
        """Whom a filter means."""
        return {client.id for client in self.clients if client_matches(self.base, tree, client)}


@dataclass(frozen=True)
class Place:
    """Where shops are opened: a database, a store of leaves, the application, a clock that is set by hand."""

    engine: AsyncEngine
    redis_url: str
    api: httpx.AsyncClient
    clock: Path


@dataclass
class Shop:
    """An account whose segments are kept by a worker with a memory and a store of its own."""

    place: Place
    account: AccountInfo
    store: LeafStore
    sessions: Sessions
    memory: Memory = field(default_factory=Memory)
    trees: dict[str, Tree] = field(default_factory=dict)
    """What the dynamic segments ask, by code."""
    resting: set[str] = field(default_factory=set)
    """Segments that are switched off and keep their members."""
    held: dict[str, set[int]] = field(default_factory=lambda: {MANUAL: set(), STATIC: set()})
    """The members that segments without a live filter are to have."""
    once: Tree = field(default_factory=lambda: REST)
    """What the static segment asks."""
    is_anew: bool = True
    """Whether the static segment is computed before it is judged next."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    has_unfilled: bool = True
    is_open: bool = False

    @classmethod
    async def open(cls, place: Place, now: datetime, zone: str) -> "Shop":
        """A new account with everything that filters may name, and no clients yet."""
        place.clock.write_text(now.isoformat())
        store = LeafStore(place.redis_url)
        sessions = session_factory(place.engine, carried={CARRIED: store})
        account = await factories.create_account(sessions, time_zone=zone)
        place.api.headers["Authorization"] = f"Bearer {await factories.create_key(sessions, account)}"
        shop = cls(place, account, store, sessions)
        await shop._define()
        shop.is_open = True
        return shop

    async def _define(self) -> None:
        tables = Tables(self.account.id)
        async with writing(self.sessions) as session:
            await tables.write(session, lambda: define_choices(tables))
        for code in catalogue.TAGS:
            await self.post("/tags", {"code": code, "name": code})
        for path, types in (("/client-params", CLIENT_PARAM), ("/order-params", ORDER_PARAM)):
            for kind in types:
                code = "delivery" if path == "/order-params" and kind == "choice" else PARAM_CODES[kind]
                await self.define_param(path, code, kind)
        params = [{"code": code, "name": code, "type": kind} for code, kind in QUIZ.items()]
        await self.post("/action-types", {"code": "quiz", "name": "Quiz", "params": params})
        await self._define_goods()
        await self.post(SEGMENTS, {"code": MANUAL, "name": MANUAL, "kind": "manual"})
        await self.post(SEGMENTS, {"code": STATIC, "name": STATIC, "kind": "static", "filter": REST})
        for code, root in DYNAMIC.items():
            assert await self.ask(code, {"version": 1, "root": root})

    async def _define_goods(self) -> None:
        groups = [{"code": one.code, "parent": one.parent} for one in catalogue.GROUPS.values()]
        await self.post("/product-groups/batch", {"items": groups})
        sold = [{"code": f"p{place}", "group": code} for place, code in enumerate(catalogue.GROUPS)]
        await self.post("/products/batch", {"items": sold})
        for status in catalogue.STATUSES.values():
            body = {"name": status.code, "status_group": status.group}
            await self.send("PUT", f"/order-statuses/{status.code}", body)

    async def define_param(self, path: str, code: str, kind: str) -> None:
        """A param of clients or of orders."""
        body = {"code": code, "name": code, "type": kind}
        await self.post(path, body | ({"choices": CHOICES} if kind == "choice" else {}))

    async def send(self, method: str, path: str, body: Any = None, *may_fail: int) -> httpx.Response:
        """A request that succeeds, or fails in a way that it may."""
        said = json.dumps(body, ensure_ascii=False)
        if self.is_open and method != "GET":
            note(f"{clock.now().isoformat()} {method} {path} {said}")
        headers = {"If-Match": "*"} if method in ("PATCH", "DELETE", "PUT") else {}
        if path.endswith("/merges"):
            headers["Idempotency-Key"] = f"merge-{next(self.numbers)}"
        answer = await self.place.api.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.is_success or answer.status_code in may_fail, (method, path, said, answer.text)
        return answer

    async def post(self, path: str, body: Any) -> Any:
        """What a request makes."""
        return (await self.send("POST", path, body)).json()

    async def batch(self, path: str, items: list[Any]) -> None:
        """Rows, of which some may be refused."""
        if items:
            answer = await self.post(f"{path}/batch", {"items": items})
            refused = [row["errors"] for row in answer["items"] if row["status"] == "rejected"]
            if refused:
                note(f"refused {json.dumps(refused, ensure_ascii=False)}")

    async def ask(self, code: str, tree: Tree) -> bool:
        """Let a segment, new or known, ask this; False when it may not."""
        if code in self.trees:
            answer = await self.send("PATCH", f"{SEGMENTS}/{code}", {"filter": tree}, 422)
        else:
            answer = await self.send("POST", SEGMENTS, {"code": code, "name": code, "filter": tree}, 422)
        if answer.is_success:
            self.trees[code], self.has_unfilled = tree, True
        else:
            note(f"refused {answer.text}")
        return answer.is_success

    async def freeze(self, root: Tree) -> None:
        """Let the static segment hold those who are meant now."""
        self.once, self.is_anew, self.has_unfilled = {"version": 1, "root": root}, True, True
        await self.send("PATCH", f"{SEGMENTS}/{STATIC}", {"filter": self.once})

    async def switch(self, code: str) -> None:
        """A segment is switched off, or on again."""
        await self.send("PATCH", f"{SEGMENTS}/{code}", {"is_active": code in self.resting})
        self.has_unfilled |= code in self.resting
        self.resting ^= {code}

    async def merge(self, survivor: int, merged: list[int]) -> None:
        """Clients become one, which takes their place among members that are held."""
        await self.post("/clients/merges", {"survivor_id": survivor, "merged_ids": merged})
        for code, ids in self.held.items():
            self.held[code] = (ids | {survivor} if ids & set(merged) else ids) - set(merged)

    async def delete(self, id_: int) -> None:
        """A client goes."""
        await self.send("DELETE", f"/clients/{id_}")
        self.held = {code: ids - {id_} for code, ids in self.held.items()}

    async def choose(self, ids: list[int], *, adding: bool) -> None:
        """Clients are put into the manual segment, or taken out of it."""
        way = "member-additions" if adding else "member-removals"
        await self.post(f"{SEGMENTS}/{MANUAL}/{way}", {"ids": ids})
        self.held[MANUAL] = self.held[MANUAL] | set(ids) if adding else self.held[MANUAL] - set(ids)

    async def redefine_param(self, kind: str) -> None:
        """The param of the segment `sized` is deleted, and defined with a type."""
        await self.free("params.size")
        await self.send("DELETE", "/client-params/size")
        await self.define_param("/client-params", "size", kind)
        assert await self.ask("sized", {"version": 1, "root": SIZED[kind]})

    async def redefine_tag(self, code: str) -> None:
        """A tag is deleted, and defined again."""
        await self.free(f'"{code}"')
        await self.send("DELETE", f"/tags/{code}")
        await self.post("/tags", {"code": code, "name": code})
        await self.ask_again()

    async def ask_again(self) -> None:
        """The segments that every shop has ask what they asked at first."""
        for code, root in DYNAMIC.items():
            tree = {"version": 1, "root": root}
            if code != "sized" and self.trees[code] != tree:
                assert await self.ask(code, tree)

    async def free(self, mention: str) -> None:
        """Let no segment ask about something any more."""
        for code, tree in list(self.trees.items()):
            if mention in json.dumps(tree):
                assert await self.ask(code, REST)

    async def members(self) -> dict[str, set[int]]:
        """The members of all segments, as clients tell in which they are."""
        found: dict[str, set[int]] = {code: set() for code in (*self.trees, *self.held)}
        page = (await self.send("GET", "/clients?fields=id,segments&limit=1000")).json()
        assert page["next_cursor"] is None
        for item in page["items"]:
            for code in item["segments"]:
                found[code].add(item["id"])
        return found

    async def see(self) -> Seen:
        """What the account holds."""
        async with reading(self.sessions, snapshot=True) as session:
            self.account = await accounts.account_by_id(session, account_id=self.account.id)
            return await look(session, self.account)

    async def catch_up(self, *, has_time_passed: bool) -> None:
        """What the worker does: runs that fill new segments, and live rounds, as often as they are wanted."""
        async with reading(self.sessions) as session:
            self.account = await accounts.account_by_id(session, account_id=self.account.id)
        if self.has_unfilled:
            await self._fill()
        if has_time_passed:
            await live_round(self.sessions, self.account, self.memory)
        await settle(self.sessions, self.account, self.memory)

    async def _fill(self) -> None:
        for _ in range(6):
            report = await recount(self.sessions, self.account)
            assert report.failed == ()
            assert report.divergences == ()
            listed = (await self.send("GET", f"{SEGMENTS}?limit=1000")).json()["items"]
            if all(one["state"] in ("ready", "inactive") for one in listed):
                break
        else:
            raise AssertionError("segments are never filled")
        self.has_unfilled = False

    async def recount(self) -> None:
        """All segments are due and recounted: what rounds have kept is what is found whole."""
        await make_due(self.sessions, self.account)
        self.is_anew = True
        report = await recount(self.sessions, self.account)
        assert report.divergences == ()
        assert report.failed == ()

    async def restart(self) -> None:
        """Another worker, which knows what the former one has shared."""
        await self.store.close()
        self.store, self.memory = LeafStore(self.place.redis_url), Memory()
        self.sessions = session_factory(self.place.engine, carried={CARRIED: self.store})

    async def prune(self) -> None:
        """The log of changes is cut."""
        async with writing(self.sessions) as session:
            await prune(session, clock.now())

    async def judge(self) -> Seen:
        """The stored members of every segment are those of a whole evaluation, and those of the oracle."""
        stored = await self.members()
        asked = {code: tree for code, tree in self.trees.items() if code not in self.resting}
        async with reading(self.sessions, snapshot=True) as session:
            seen = await look(session, self.account)
            known = await catalogues.load(session, account=self.account)
            plans = [plan(check(tree, known), known) for tree in asked.values()]
            evaluator = Evaluator(session, account=self.account, now=seen.world.now, how="whole")
            whole = await evaluator.evaluate_all(plans)
        naive = Naive(seen.world)
        when = f"at {seen.world.now.isoformat()} in {self.account.time_zone}"
        for (code, tree), found in zip(asked.items(), whole, strict=True):
            full, right = set(found.members), naive.members(tree)
            told = f"incremental {stored[code]}, full {full}, naive {right}"
            assert stored[code] == full == right, f"{code} {when}: {told} of {json.dumps(tree)}"
        if self.is_anew:
            self.held[STATIC], self.is_anew = naive.members(self.once), False
        for code, held in self.held.items():
            assert stored[code] == held, f"{code} {when}: {stored[code]}, not {held}"
        return seen

    async def close(self) -> None:
        """Let go of the store."""
        await self.store.close()
