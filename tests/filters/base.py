"""A base of a few clients, written straight into the tables, and the evaluation of a filter over it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pyroaring import BitMap64
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clientbase.filters import Catalogue, check, combine, compile_leaf, compile_universe, plan
from clientbase.kit import phones
from clientbase.kit.text import fold
from clientbase.models import (
    Account,
    Action,
    Base,
    Client,
    ClientContact,
    ClientIdentity,
    ClientParamValue,
    ClientStats,
    ClientTag,
    ClientVisits,
    Order,
    OrderLine,
    OrderParamValue,
    OrderStatusChange,
    Product,
    ProductGroup,
    Refund,
)
from clientbase.models.clients import FOLDED_FIELDS, VISIT_FOLDED_FIELDS
from tests.filters.samples import CATALOGUE, MOMENT

ACCOUNT = 77


def day(number: int, hour: int = 12) -> datetime:
    """An instant of September 2026, in UTC; the tests' now is the 28th at noon."""
    return datetime(2026, 9, number, hour, tzinfo=UTC)


class SmallBase:
    """Writes rows of one account; each method is one fact."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def begin(self) -> "SmallBase":
        """The account of the base."""
        values = {"name": "", "time_zone": "Europe/Moscow", "currency": "RUB", "locale": "ru", "region": "RU"}
        await self.connection.execute(insert(Account).values(id=ACCOUNT, **values))
        return self

    async def add(self, model: type[Base], **values: Any) -> None:
        """One row."""
        await self.connection.execute(insert(model).values(account_id=ACCOUNT, **values))

    async def client(self, id_: int, *, stats: Mapping[str, Any] | None = None, **values: Any) -> None:
        """A client with its row of counted fields."""
        folded = {f"{name}_folded": fold(values[name]) for name in FOLDED_FIELDS if values.get(name)}
        table: Any = Client.__table__
        await self.connection.execute(insert(table).values(account_id=ACCOUNT, id=id_, **values, **folded))
        await self.add(ClientStats, client_id=id_, **(stats or {}))

    async def phone(self, client: int, number: str, verified: bool | None = None) -> None:
        """A phone as it is stored."""
        value = phones.normalise(number, "RU")
        assert value is not None
        forms = phones.digit_forms(value)
        await self.add(
            ClientContact, client_id=client, kind="phone", value=value, digits=forms, verified=verified
        )

    async def email(self, client: int, address: str) -> None:
        """An e-mail as it is stored."""
        await self.add(ClientContact, client_id=client, kind="email", value=address.lower())

    async def identity(self, client: int, source: str, external_id: str) -> None:
        """An id in a source."""
        await self.add(
            ClientIdentity,
            client_id=client, source=source, external_id=external_id, external_id_folded=fold(external_id),
        )  # fmt: skip

    async def tag(self, client: int, *ids: int) -> None:
        """Tags of a client."""
        for id_ in ids:
            await self.add(ClientTag, client_id=client, tag_id=id_)

    async def param(self, client: int, code: str, **value: Any) -> None:
        """A value of a client's custom param, under the name of its column."""
        param = CATALOGUE.client_params[code]
        await self.add(ClientParamValue, client_id=client, param_id=param.id, **value)

    async def visits(self, client: int, **values: Any) -> None:
        """The counted fields of a client who visited."""
        folded: dict[str, Any] = {
            f"{name}_folded": fold(values[name]) for name in VISIT_FOLDED_FIELDS if values.get(name)
        }
        for name in ("visit_countries", "visit_cities"):
            values.setdefault(name, [])
            folded[f"{name}_folded"] = [fold(one) for one in values[name]]
        row = {"visits_count": 1, "first_visit_at": day(1), "last_visit_at": day(1)} | values | folded
        table: Any = ClientVisits.__table__
        await self.connection.execute(insert(table).values(account_id=ACCOUNT, client_id=client, **row))

    async def order(
        self,
        id_: int,
        client: int,
        *,
        bought: datetime | None = None,
        lines: Sequence[tuple[int | None, int, int]] = (),
        **values: Any,
    ) -> None:
        """An order with lines (product id, quantity, amount in minor units)."""
        row = {
            "source": "crm", "external_id": str(id_), "created_at": day(1), "total": 0, "status": "s",
            "status_group": "done" if bought else "new",
            "items_count": sum(quantity for _, quantity, _ in lines),
        } | values  # fmt: skip
        await self.add(Order, id=id_, client_id=client, purchased_at=bought, **row)
        for position, (product, quantity, amount) in enumerate(lines):
            await self.add(
                OrderLine,
                order_id=id_, position=position, client_id=client, product_id=product, quantity=quantity,
                price=amount, amount=amount, purchased_at=bought,
            )  # fmt: skip

    async def order_param(self, order: int, client: int, code: str, **value: Any) -> None:
        """A value of an order's custom param."""
        param = CATALOGUE.order_params[code]
        await self.add(OrderParamValue, order_id=order, client_id=client, param_id=param.id, **value)

    async def status(self, order: int, client: int, at: datetime, was: str | None, became: str) -> None:
        """An entry into a status; codes are their groups."""
        await self.add(
            OrderStatusChange,
            order_id=order, client_id=client, at=at, from_status=was, to_status=became, from_group=was,
            to_group=became,
        )  # fmt: skip

    async def refund(self, order: int, client: int, amount: int, at: datetime) -> None:
        """Money given back."""
        await self.add(Refund, order_id=order, client_id=client, external_id="1", at=at, amount=amount)

    async def products(self) -> None:
        """Drinks hold tea; product 1 is green tea, 2 a drink, 3 has no group."""
        await self.add(ProductGroup, id=1, code="drinks", name="", parent_id=None, path=["drinks"])
        await self.add(ProductGroup, id=2, code="tea", name="", parent_id=1, path=["drinks", "tea"])
        for id_, code, group in ((1, "green", 2), (2, "cola", 1), (3, "misc", None)):
            await self.add(Product, id=id_, code=code, name="", group_id=group)

    async def action(self, client: int, type_id: int, at: datetime, **values: Any) -> None:
        """An action; texts among its params are folded as the loader does."""
        params = values.pop("params", {})
        folded = {k: fold(v) for k, v in params.items() if isinstance(v, str) and fold(v) != v}
        await self.add(
            Action, client_id=client, type_id=type_id, at=at, params=params, folded=folded or None, **values
        )

    async def ids(self, query: Any) -> list[int]:
        """The ids that a query gives, as they come."""
        return list((await self.connection.scalars(query)).all())

    async def members(self, raw: object, catalogue: Catalogue = CATALOGUE, moment: Any = MOMENT) -> set[int]:
        """The members of a filter."""
        what = plan(check(raw, catalogue), catalogue)
        leaves = {}
        for key, leaf in what.leaves.items():
            leaves[key] = BitMap64(await self.ids(compile_leaf(leaf, ACCOUNT, moment)))
        universe = BitMap64(await self.ids(compile_universe(ACCOUNT)))
        return set(combine(what, leaves, {3: BitMap64([1]), 4: BitMap64([2])}, universe))
