"""A world of the oracle into the tables, stored as the product stores what it is sent."""

from dataclasses import dataclass, replace

from pyroaring import BitMap64

from clientbase.accounts import service as accounts
from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.stats import recount
from clientbase.filters import Catalogue
from clientbase.kit.db import WriteSession
from clientbase.kit.text import fold
from clientbase.search import catalogue as catalogues
from tests.filters.facts import fill
from tests.filters.oracle.vocabulary import CHOICES
from tests.filters.oracle.world import ActionType, ParamDef, World
from tests.filters.tables import Numbers, Tables, params_of

FIELD_CHOICES = ("gender", "device", "issue_form", "loyalty_level")
HOT = ("quiz",)
"""Own types whose money and reference params are kept in columns, the others' in JSON."""


@dataclass(frozen=True)
class Loaded:
    """Where a world lies: its account, the catalogue as the product reads it, stored memberships by id."""

    account: AccountInfo
    catalogue: Catalogue
    memberships: dict[int, BitMap64]

    def moved(self, zone: str) -> "Loaded":
        """The same account after a change of its time zone."""
        return replace(
            self,
            account=replace(self.account, time_zone=zone),
            catalogue=replace(self.catalogue, time_zone=zone),
        )


async def load(session: WriteSession, world: World) -> Loaded:
    """A new account that holds the world; counted fields are made by the product's recount."""
    made = await accounts.create_account(
        session,
        name="World",
        time_zone=world.account.time_zone,
        currency=world.account.currency,
        region=world.account.region,
    )
    account = accounts.account_info(made)
    tables = Tables(account.id)
    numbers = Numbers(world)
    await tables.write(session, lambda: define(tables, world, numbers))
    catalogue = await catalogues.load(session, account=account)
    await tables.write(session, lambda: fill(tables, world, numbers, catalogue))
    await recount(session, account_id=account.id, client_ids=list(world.clients))
    memberships = {
        numbers.segments[code]: BitMap64(segment.members)
        for code, segment in world.segments.items()
        if segment.members is not None
    }
    return Loaded(account, catalogue, memberships)


def define(tables: Tables, world: World, numbers: Numbers) -> None:
    """Definitions: what the catalogue of the account is read from."""
    for entity, param in params_of(world):
        define_param(tables, numbers, entity, param)
    for kind in world.action_types.values():
        hot = hot_params(kind)
        tables.add("action_types", id=numbers.types[kind.code], code=kind.code, name=kind.code, **hot)
    for code, id_ in numbers.tags.items():
        tables.add("tags", id=id_, code=code, name=code, color="#ffffff")
    for code, id_ in numbers.segments.items():
        define_segment(tables, world, code, id_)
    define_choices(tables)


def define_param(tables: Tables, numbers: Numbers, entity: str, param: ParamDef) -> None:
    id_, owner = numbers.params[entity, param.code], numbers.types.get(entity)
    tables.add(
        "params",
        id=id_,
        entity="action" if owner else entity,
        action_type_id=owner,
        code=param.code,
        name=param.code,
        type=param.type,
    )
    for place, choice in enumerate(param.choices):
        tables.add("param_choices", param_id=id_, code=choice, name=choice, position=place)


def hot_params(kind: ActionType) -> dict[str, str | None]:
    """For types with hot params, the first money and the first reference param."""
    first = {param.type: param.code for param in reversed(kind.params.values()) if kind.code in HOT}
    return {"amount_param": first.get("money"), "reference_param": first.get("reference")}


def define_segment(tables: Tables, world: World, code: str, id_: int) -> None:
    members = world.segments[code].members
    tables.add(
        "segments",
        id=id_,
        code=code,
        name=code,
        name_folded=fold(code),
        kind="manual",
        is_active=True,
        for_analytics=False,
        recalculation_hours=4,
        state="new" if members is None else "ready",
        size=None if members is None else len(members),
        computed_at=None if members is None else world.now,
    )
    if members is not None:
        packed = BitMap64(members).serialize()
        tables.add("segment_memberships", segment_id=id_, version=1, base=packed, computed_at=world.now)


def define_choices(tables: Tables) -> None:
    """Choices of the world beside those that every account begins with."""
    begun = {(choice["field"], choice["code"]) for choice in accounts.seeds.FIELD_CHOICES}
    for name in FIELD_CHOICES:
        for code in CHOICES[name]:
            if (name, code) not in begun:
                tables.add("field_choices", field=name, code=code, name=code)
