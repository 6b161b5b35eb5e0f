"""The table of what is shown of a client from several rows: contacts, identities, params, tags."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from clientbase.clients.view_columns import plain_number
from clientbase.clients.view_sources import Coded, Consent, Contact, Identity, ParamValue

SEGMENTS = "segments"
"""The rows that are not in `SOURCES`: who is in a segment is stored as a bitmap."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value made of the rows of a client in `rows`: a source, or SEGMENTS."""

    name: str
    rows: str
    make: Callable[[list[Any]], Any]
    personal: bool = False
    default: bool = True
    """Whether it is shown when no fields are asked for."""


def param_value(row: ParamValue | Row[Any]) -> Any:
    """The typed value of a param: a choice by its code."""
    if row.number is not None:
        return plain_number(row.number)
    typed = (row.day, row.boolean, row.text, row.folded)
    return next((value for value in typed if value is not None), None)


def _contacts(kind: str) -> Callable[[list[Contact]], list[dict[str, Any]]]:
    def make(rows: list[Contact]) -> list[dict[str, Any]]:
        return [
            {"value": row.value, "is_primary": row.is_primary, "verified": row.verified}
            for row in rows
            if row.kind == kind
        ]

    return make


def _primary(kind: str) -> Callable[[list[Contact]], str | None]:
    def make(rows: list[Contact]) -> str | None:
        return next((row.value for row in rows if row.kind == kind), None)

    return make


def _identities(rows: list[Identity]) -> list[dict[str, Any]]:
    return [row._asdict() for row in rows]


def _params(rows: list[ParamValue]) -> dict[str, Any]:
    return {row.code: param_value(row) for row in rows}


def _codes(rows: list[Coded]) -> list[str]:
    return [row.code for row in rows]


def _consents(rows: list[Consent]) -> list[dict[str, Any]]:
    return [row._asdict() for row in rows]


def _table(parts: Iterable[Part]) -> dict[str, Part]:
    return {part.name: part for part in parts}


PARTS = _table(
    (
        Part("phone", "contacts", _primary("phone"), personal=True),
        Part("phones", "contacts", _contacts("phone"), personal=True),
        Part("email", "contacts", _primary("email"), personal=True),
        Part("emails", "contacts", _contacts("email"), personal=True),
        Part("identities", "identities", _identities, personal=True),
        Part("params", "params", _params),
        Part("tags", "tags", _codes),
        Part("consents", "consents", _consents, default=False),
        Part("segments", SEGMENTS, _codes, default=False),
    )
)
