"""Everything that may happen to a shop, one step after another; after each its segments are judged."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.filters.oracle.datemath import MICROSECOND, Clock, first_day, midnight, move
from tests.filters.strategies import catalogue, times
from tests.filters.strategies.chance import Chance
from tests.filters.strategies.sampling import Sample
from tests.filters.strategies.trees import TreeMaker
from tests.segments.stateful.asked import CARDS, DEEDS, SIZED
from tests.segments.stateful.mirror import Seen
from tests.segments.stateful.shop import Place, Shop
from tests.segments.stateful.writes import Writes

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
CHANCES = st.randoms(use_true_random=False, note_method_calls=False).map(Chance)
"""A source of choices that hypothesis makes, and makes simpler."""
BEGINNINGS = (
    datetime(2040, 2, 27, 20, 30, tzinfo=UTC), datetime(2039, 12, 30, 20, 59, tzinfo=UTC),
    datetime(2041, 2, 27, 22, tzinfo=UTC), datetime(2040, 3, 24, 12, tzinfo=UTC),
    datetime(2040, 10, 27, 22, tzinfo=UTC), datetime(2040, 5, 31, 9, tzinfo=UTC),
)  # fmt: skip
"""Before leap days, New Year, the ends of months and the changes of clocks; all yet to come, so that the
whole log of changes is old whenever it is pruned."""
WAITS = (
    timedelta(seconds=1), timedelta(seconds=59), timedelta(minutes=5), timedelta(hours=1), timedelta(hours=9),
    timedelta(days=1), timedelta(days=3), timedelta(days=31), timedelta(days=365),
)  # fmt: skip
MOST_DRAWN = 4
"""Segments whose filters are made at random."""


def _some(of: Callable[["Machine"], object]) -> Callable[[F], F]:
    return precondition(lambda machine: bool(of(machine)))


has_clients = _some(lambda machine: machine.clients)
has_orders = _some(lambda machine: machine.seen.orders)


class Machine(RuleBasedStateMachine):
    """A shop that is written to over HTTP, and whose segments are true after every step."""

    place: ClassVar[Place]
    loop: ClassVar[asyncio.AbstractEventLoop]
    shop: Shop
    seen: Seen
    has_time_passed = False

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What some work comes to."""
        return self.loop.run_until_complete(work)

    @initialize(chance=CHANCES, seed=st.integers(0, 999), clients=st.integers(1, 10))
    def open(self, chance: Chance, seed: int, clients: int) -> None:
        """A shop with its first clients and some of what they have done."""
        self.shop = self.run(Shop.open(self.place, chance.one(BEGINNINGS), chance.one(times.ZONES)))
        self.seen = self.run(self.shop.see())
        former = self.writes(Chance(Random(seed)))
        self.run(self.shop.batch("/clients", [former.client(each, 8, 12) for each in range(clients)]))
        self.seen = self.run(self.shop.see())
        bought = [former.purchase(id_, place) for place, id_ in enumerate(self.clients * 2)]
        self.run(self.shop.batch("/orders", bought))
        acted = [former.action(id_, place) for place, id_ in enumerate(self.clients * 3)]
        self.run(self.shop.batch("/actions", acted))
        self.seen = self.run(self.shop.see())

    @invariant()
    def segments_are_true(self) -> None:
        """The worker catches up; then incremental, full and naive are the same."""
        self.run(self.shop.catch_up(has_time_passed=self.has_time_passed))
        self.has_time_passed = False
        self.seen = self.run(self.shop.judge())

    @rule(chance=CHANCES)
    def clients_come(self, chance: Chance) -> None:
        """Records of clients from sources: new ones, and known ones by what they share."""
        self.pass_time(chance)
        writes = self.writes(chance)
        rows = [writes.client(chance.between(1, len(self.clients) + 2)) for _ in range(chance.between(1, 3))]
        self.run(self.shop.batch("/clients", rows))

    @has_clients
    @rule(chance=CHANCES)
    def clients_are_changed_together(self, chance: Chance) -> None:
        """Known clients by their ids; lists are added to."""
        self.pass_time(chance)
        writes = self.writes(chance)
        rows = [writes.card() | {"id": id_} for id_ in chance.some(self.clients, 1, 3)]
        self.run(self.shop.batch("/clients", rows))

    @has_clients
    @rule(chance=CHANCES)
    def a_card_is_edited(self, chance: Chance) -> None:
        """One client by hand; lists are replaced. Its id in a source or its contact may be another one's."""
        self.pass_time(chance)
        card, id_ = self.writes(chance).card(), chance.one(self.clients)
        self.run(self.shop.send("PATCH", f"/clients/{id_}", card, 409))

    @has_clients
    @rule(chance=CHANCES)
    def a_consent_is_stated(self, chance: Chance) -> None:
        """A consent given or withdrawn."""
        self.pass_time(chance)
        consent, id_ = self.writes(chance).consent(), chance.one(self.clients)
        self.run(self.shop.send("POST", f"/clients/{id_}/consents", consent))

    @has_clients
    @rule(chance=CHANCES)
    def clients_buy(self, chance: Chance) -> None:
        """Orders that are purchases from the beginning."""
        self.pass_time(chance)
        writes = self.writes(chance)
        rows = [writes.purchase(id_, chance.between(1, 9)) for id_ in chance.some(self.clients, 1, 3)]
        self.run(self.shop.batch("/orders", rows))

    @has_clients
    @rule(chance=CHANCES)
    def orders_are_made(self, chance: Chance) -> None:
        """New orders, and known ones that may become another client's."""
        self.pass_time(chance)
        writes = self.writes(chance)
        keys = [(source, f"O-{number}") for number in range(1, 5) for source in catalogue.SOURCES]
        rows = [
            writes.order(*chance.one(keys), chance.one(self.clients)) for _ in range(chance.between(1, 3))
        ]
        self.run(self.shop.batch("/orders", rows))

    @has_orders
    @rule(chance=CHANCES)
    def orders_move_on(self, chance: Chance) -> None:
        """Known orders get another status, other lines, refunds, params."""
        self.pass_time(chance)
        writes = self.writes(chance)
        rows = [writes.order(*key, None) for key in chance.some(tuple(self.seen.orders), 1, 3)]
        self.run(self.shop.batch("/orders", rows))

    @has_orders
    @rule(chance=CHANCES)
    def an_order_is_deleted(self, chance: Chance) -> None:
        """An order goes with its purchase."""
        self.pass_time(chance)
        id_ = chance.one(tuple(self.seen.orders.values()))
        self.run(self.shop.send("DELETE", f"/orders/{id_}"))

    @has_clients
    @rule(chance=CHANCES)
    def clients_act(self, chance: Chance) -> None:
        """Visits, calls, mailings, points, a quiz; known ones in another way or by another client."""
        self.pass_time(chance)
        writes = self.writes(chance)
        rows = [
            writes.action(chance.one(self.clients), chance.between(1, 6)) for _ in range(chance.between(1, 4))
        ]
        self.run(self.shop.batch("/actions", rows))

    @has_clients
    @rule(chance=CHANCES)
    def clients_turn_out_to_be_one(self, chance: Chance) -> None:
        """A merge."""
        self.pass_time(chance)
        survivor, *merged = chance.some(self.clients, 1, 3)
        if merged:
            self.run(self.shop.merge(survivor, merged))

    @has_clients
    @rule(chance=CHANCES)
    def a_client_is_deleted(self, chance: Chance) -> None:
        """A client goes with all that it did."""
        self.pass_time(chance)
        self.run(self.shop.delete(chance.one(self.clients)))

    @has_clients
    @rule(chance=CHANCES)
    def members_are_chosen(self, chance: Chance) -> None:
        """Clients are put into a manual segment, or taken out."""
        self.pass_time(chance)
        self.run(self.shop.choose(chance.some(self.clients, 1, 3), adding=chance.happens(0.6)))

    @rule(chance=CHANCES)
    def goods_are_put_in_order(self, chance: Chance) -> None:
        """Products lie in other groups; a group hangs under another one, where that is no circle."""
        self.pass_time(chance)
        groups, products = tuple(self.seen.world.product_groups), tuple(self.seen.world.products)
        if chance.happens(0.3):
            path, codes, place = "/product-groups", groups, "parent"
        else:
            path, codes, place = "/products", products, "group"
        rows = [{"code": code, place: chance.one((None, *groups))} for code in chance.some(codes, 1, 2)]
        self.run(self.shop.batch(path, rows))

    @rule(chance=CHANCES)
    def the_shop_moves(self, chance: Chance) -> None:
        """The account is in another time zone at the same instant."""
        others = sorted(set(times.ZONES) - {self.seen.world.account.time_zone})
        self.run(self.shop.send("PATCH", "/account", {"time_zone": chance.one(others)}))

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        """A second, or a year."""
        self.wait_until(self.seen.world.now + wait)

    @rule(unit=st.sampled_from("dwMy"), beside=st.sampled_from((0, -1, 1)))
    def a_day_begins(self, unit: str, beside: int) -> None:
        """The next day, week, month or year of the account, or a microsecond before or after."""
        now = self.seen.world.now
        zone = Clock(now, ZoneInfo(self.seen.world.account.time_zone))
        edge = midnight(move(first_day(zone.today, unit), 1, unit), zone)
        self.wait_until(max(edge + beside * MICROSECOND, now + MICROSECOND))

    @rule(chance=CHANCES)
    def a_param_is_defined_anew(self, chance: Chance) -> None:
        """A param goes with its values, and comes back, maybe of another type."""
        self.run(self.shop.redefine_param(chance.one(tuple(SIZED))))

    @rule(chance=CHANCES)
    def a_tag_is_defined_anew(self, chance: Chance) -> None:
        """A tag goes from everybody, and comes back."""
        self.run(self.shop.redefine_tag(chance.one(("msk", "b2b"))))

    @has_clients
    @rule(chance=CHANCES)
    def a_question_is_thought_of(self, chance: Chance) -> None:
        """A segment, new or known, gets a filter made at random over what there is."""
        drawn = TreeMaker(chance, Sample(self.seen.world))
        tree = {"version": 1, "root": drawn.node(chance.between(1, 3), drawn.client_leaf)}
        self.run(self.shop.ask(f"drawn-{chance.between(1, MOST_DRAWN)}", tree))

    @rule(chance=CHANCES)
    def the_static_segment_is_made_anew(self, chance: Chance) -> None:
        """It holds who is meant now, and will not follow."""
        self.pass_time(chance)
        self.run(self.shop.freeze(chance.one(tuple((CARDS | DEEDS).values()))))

    @rule(chance=CHANCES)
    def a_segment_rests(self, chance: Chance) -> None:
        """A segment on which others stand is switched off, or on again."""
        self.pass_time(chance)
        self.run(self.shop.switch(chance.one(("rich", "kazan", "welcomed"))))

    @rule()
    def everything_is_recounted(self) -> None:
        """The recount finds what the rounds have kept."""
        self.run(self.shop.recount())

    @rule(is_pruned=st.booleans())
    def another_worker_takes_over(self, is_pruned: bool) -> None:
        """It has the leaves that the former one has shared, and the log of changes, unless that is cut."""
        self.run(self.shop.restart())
        if is_pruned:
            self.run(self.shop.prune())

    def teardown(self) -> None:
        """The shop closes."""
        if hasattr(self, "shop"):
            self.run(self.shop.close())

    @property
    def clients(self) -> list[int]:
        """All living clients."""
        return list(self.seen.world.clients)

    def pass_time(self, chance: Chance) -> None:
        """Before a step some time may pass."""
        if chance.happens(0.3):
            self.wait_until(self.seen.world.now + chance.one(WAITS))

    def wait_until(self, later: datetime) -> None:
        """The clock is set."""
        self.place.clock.write_text(later.isoformat())
        self.has_time_passed = True

    def writes(self, chance: Chance) -> Writes:
        """Bodies of requests as of now."""
        return Writes(chance, self.seen.world)
