"""Clients to be loaded: the same rows for the API, for a file and for bare SQL."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from clientbase.clients.quick_search import search_text
from clientbase.demo import words
from clientbase.kit.text import fold

SOURCE = "bench"


class Newcomer(NamedTuple):
    """A client as a file has it."""

    external_id: str
    last_name: str
    first_name: str
    phone: str
    email: str
    city: str
    birth_date: str
    gender: str


def newcomers(count: int) -> Iterator[Newcomer]:
    """So many clients with keys of their own, the same at every run."""
    for number in range(count):
        yield Newcomer(
            external_id=f"N{number:08d}",
            last_name=words.SURNAMES[number % len(words.SURNAMES)],
            first_name=words.MALE_NAMES[number * 7 % len(words.MALE_NAMES)],
            phone=f"+7900{number:07d}",
            email=f"newcomer{number}@mail.example",
            city=words.CITIES[number * 3 % len(words.CITIES)][0],
            birth_date=f"{1950 + number % 55}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            gender="male",
        )


def as_item(one: Newcomer) -> dict[str, Any]:
    """The client as an item of a batch."""
    return {
        "last_name": one.last_name,
        "first_name": one.first_name,
        "city": one.city,
        "birth_date": one.birth_date,
        "gender": one.gender,
        "phones": [{"value": one.phone}],
        "emails": [{"value": one.email}],
        "identities": [{"source": SOURCE, "external_id": one.external_id}],
    }


def write_csv(path: Path, count: int) -> None:
    """The clients as a file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Newcomer._fields)
        writer.writerows(newcomers(count))


def full_name(one: Newcomer) -> str:
    """The name as the card shows it."""
    return f"{one.last_name} {one.first_name}"


def searched(one: Newcomer) -> str:
    """The text of quick search."""
    texts = [full_name(one), one.last_name, one.first_name, one.city, one.email, one.external_id]
    return search_text(texts=texts, phones=[one.phone])


def folded(one: Newcomer) -> tuple[str, str, str, str]:
    """Folded full name, last name, first name and city."""
    return fold(full_name(one)), fold(one.last_name), fold(one.first_name), fold(one.city)
