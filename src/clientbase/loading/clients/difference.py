"""From the cards before and after a load to the rows to write: only what differs is written."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from clientbase.clients.quick_search import SEARCHED_FIELDS, search_text
from clientbase.kit.phones import digit_forms
from clientbase.kit.schema import instant_text, plain_number
from clientbase.kit.text import fold
from clientbase.loading.clients import repository as tables
from clientbase.loading.clients.context import LoadContext
from clientbase.loading.clients.fields import COLUMNS, FIELDS
from clientbase.loading.clients.repository import ClientLoadWriter
from clientbase.loading.clients.states import Card

Cards = Mapping[int, Card]


async def write_differences(
    writer: ClientLoadWriter, *, before: Cards, after: Cards, context: LoadContext, actor: str
) -> None:
    """Write every card that differs, its history and its quick-search text."""
    born = {client_id: card for client_id, card in after.items() if client_id not in before}
    edited = {client_id: card for client_id, card in after.items() if card != before.get(client_id, card)}
    for card in (*born.values(), *edited.values()):
        card.columns["updated_at"] = context.now
    await writer.insert_clients([_row(item) for item in born.items()])
    await writer.update_clients(
        [_row(item) for item in edited.items() if _columns_differ(before[item[0]], item[1])]
    )
    for table, names, rows_of in _PARTS:
        gone, kept = _part(before, edited, rows_of)
        await writer.replace(table, names, gone, kept)
        await writer.add(table, names, _rows(born, rows_of))
    await writer.add_history(list(_history(before, edited, context, actor)))


def _row(item: tuple[int, Card]) -> tuple[Any, ...]:
    client_id, card = item
    return (client_id, *map(card.columns.get, COLUMNS))


def _columns_differ(before: Card, after: Card) -> bool:
    return any(before.columns.get(name) != after.columns.get(name) for name in COLUMNS)


def _contacts(client_id: int, card: Card) -> dict[Any, Any]:
    return {
        (client_id, kind, value): (digit_forms(value) if kind == "phone" else None, *contact)
        for (kind, value), contact in card.contacts.items()
    }


def _identities(client_id: int, card: Card) -> dict[Any, Any]:
    return {key: (client_id, url, fold(key[1])) for key, url in card.identities.items()}


def _params(client_id: int, card: Card) -> dict[Any, Any]:
    return {(client_id, param_id): tuple(value) for param_id, value in card.params.items()}


def _tags(client_id: int, card: Card) -> dict[Any, Any]:
    return {(client_id, tag_id): () for tag_id in card.tags}


def _consents(client_id: int, card: Card) -> dict[Any, Any]:
    return {(client_id, *consent): () for consent in card.consents}


def _search(client_id: int, card: Card) -> dict[Any, Any]:
    return {(client_id,): (_search_text(card),)}


RowsOf = Callable[[int, Card], dict[Any, Any]]
_PARTS: tuple[tuple[Any, tuple[str, ...], RowsOf], ...] = (
    (tables.CONTACTS, ("client_id", "kind", "value", "digits", "is_primary", "verified"), _contacts),
    (tables.IDENTITIES, ("source", "external_id", "client_id", "url", "external_id_folded"), _identities),
    (
        tables.PARAMS,
        ("client_id", "param_id", "text", "folded", "number", "day", "boolean"),
        _params,
    ),
    (tables.TAGS, ("client_id", "tag_id"), _tags),
    (tables.SEARCH, ("client_id", "text"), _search),
    (tables.CONSENTS, ("client_id", "kind", "given", "at", "source", "text_version"), _consents),
)
"""What hangs off a client: its table, the columns (key first), and the rows of a card by key."""


def _rows(cards: Cards, rows_of: RowsOf) -> list[Any]:
    """Rows of clients that have none yet."""
    return [(*key, *values) for item in cards.items() for key, values in rows_of(*item).items()]


def _part(before: Cards, edited: Cards, rows_of: RowsOf) -> tuple[list[Any], list[Any]]:
    """Keys to delete and rows to write."""
    gone: list[Any] = []
    kept: list[Any] = []
    for client_id, card in edited.items():
        old = rows_of(client_id, before[client_id])
        new = rows_of(client_id, card)
        gone += [key for key in old if key not in new]
        kept += [(*key, *values) for key, values in new.items() if old.get(key) != values]
    return gone, kept


def _search_text(card: Card) -> str:
    texts = [card.columns.get(name) for name in SEARCHED_FIELDS]
    texts += [value for kind, value in card.contacts if kind == "email"]
    texts += [external_id for _, external_id in card.identities]
    texts += [value.text for value in card.params.values()]
    return search_text(texts=texts, phones=[value for kind, value in card.contacts if kind == "phone"])


def _history(
    before: Cards, edited: Cards, context: LoadContext, actor: str
) -> Iterable[tuple[int, Any, str, str, Any, Any]]:
    codes = {param_id: code for code, (param_id, _) in context.params.items()}
    tags = {tag_id: code for code, tag_id in context.tags.items()}
    for client_id, card in edited.items():
        old, new = (_shown(one, codes, tags) for one in (before[client_id], card))
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield client_id, context.now, actor, name, old.get(name), new.get(name)


def _shown(card: Card, codes: Mapping[int, str], tags: Mapping[int, str]) -> dict[str, Any]:
    """A card as its history tells it: values by field, as JSON."""
    shown = {field.name: _json(card.columns.get(field.column)) for field in FIELDS.values()}
    shown |= {name: card.columns.get(name) for name in ("consent_marketing", "consent_personal_data")}
    for kind in ("phone", "email"):
        shown[f"{kind}s"] = sorted(value for of, value in card.contacts if of == kind)
    shown["identities"] = sorted("/".join(key) for key in card.identities)
    shown["tags"] = sorted(tags.get(tag_id, str(tag_id)) for tag_id in card.tags)
    for param_id, value in card.params.items():
        held = next((part for part in (value.text, *value[1:]) if part is not None), None)
        shown[f"params.{codes.get(param_id, param_id)}"] = _json(held)
    return shown


def _json(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return plain_number(value)
    return instant_text(value) if isinstance(value, datetime) else str(value)
