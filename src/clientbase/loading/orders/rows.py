"""Orders as any source gives them: amounts in major units, codes as written, nothing checked yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from clientbase.loading.keep import KEEP, Keep
from clientbase.loading.matching import ClientKey


@dataclass(slots=True, kw_only=True)
class LineRow:
    """A line; of `price` and `amount` one is enough, the other follows from the quantity."""

    product: str | None = None
    quantity: Decimal = Decimal(1)
    price: Decimal | None = None
    amount: Decimal | None = None


@dataclass(slots=True, kw_only=True)
class StatusRow:
    """An entry into a status; `status_group` registers a status that is not known yet."""

    at: datetime
    status: str
    status_group: str | None = None


@dataclass(slots=True, kw_only=True)
class RefundRow:
    """Money given back; the same `external_id` again changes the refund, an amount of 0 withdraws it."""

    external_id: str
    at: datetime
    amount: Decimal


@dataclass(slots=True, kw_only=True)
class OrderRow:
    """One order by (source, external_id). A field that is not given stays as it is stored.

    `lines` and `status_history`, where given, replace the stored ones; `refunds` and `params` are added to
    them (a param of None is removed). Where lines come without a total it is the sum of their amounts.
    """

    source: str
    external_id: str
    client: ClientKey | None = None
    number: str | Keep | None = KEEP
    status: str | None = None
    status_group: str | None = None
    status_changed_at: datetime | None = None
    status_history: Sequence[StatusRow] | None = None
    created_at: datetime | None = None
    currency: str | None = None
    total: Decimal | None = None
    discount: Decimal | None = None
    cost: Decimal | Keep | None = KEEP
    shop: str | Keep | None = KEEP
    manager: str | Keep | None = KEEP
    url: str | Keep | None = KEEP
    lines: Sequence[LineRow] | None = None
    refunds: Sequence[RefundRow] = ()
    params: Mapping[str, object] = field(default_factory=dict)
