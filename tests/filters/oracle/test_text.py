"""Texts, phones, e-mails, several values."""

import pytest

from .build import client, field, holds, world
from .text import normalise_phone
from .world import Account, Contact, Identity


@pytest.mark.parametrize(
    ("stored", "operator", "value", "expected"),
    [
        ("Орёл", "eq", "ОРЕЛ", True),
        ("Орел", "eq", "орёл", True),
        ("Е\u0308лка", "eq", "елка", True),
        ("И\u0306ошкар-Ола", "eq", "йошкар-ола", True),
        ("Йод", "contains", "и", False),  # й is one letter after NFC
        ("\u00a0 Казань\u3000", "eq", "казань", True),
        ("Казань", "eq", " КАЗАНЬ\u2003", True),
        ("Straße", "eq", "STRASSE", True),
        ("ΣΊΣΥΦΟΣ", "eq", "σίσυφος", True),
        ("İstanbul", "eq", "i\u0307stanbul", True),
        ("İstanbul", "eq", "istanbul", False),
        ("\u212aelvin", "eq", "kelvin", True),
        ("100%", "contains", "0%", True),
        ("1000", "contains", "0%", False),
        ("axb", "eq", "a_b", False),
        ("axb", "contains", "_", False),
        ("a\\b", "contains", "\\", True),
        ("a\\b", "starts_with", "A\\", True),
        ("Москва", "starts_with", "мос", True),
        ("Москва", "ends_with", "ВА ", True),
        ("Москва", "ends_with", "мос", False),
        ("Москва", "in", ["казань", "МОСКВА"], True),
        ("Москва", "not_in", ["казань", "МОСКВА"], False),
        ("Москва", "not_contains", "оск", False),
        ("Москва", "ne", "казань", True),
        (None, "ne", "казань", True),
        (None, "not_in", ["казань"], True),
        (None, "not_contains", "казань", True),
        (None, "eq", "казань", False),
        ("Нижний  Новгород", "eq", "нижний новгород", False),  # blanks inside stand
    ],
)
def test_text(stored, operator, value, expected):
    assert holds(world(client(city=stored)), field("city", operator, value)) is expected


@pytest.mark.parametrize("blank", [None, "", "  ", "\u00a0\u3000", "\t\n", "\u0085"])
def test_blank_text_is_empty(blank):
    base = world(client(city=blank))
    assert holds(base, field("city", "empty"))
    assert not holds(base, field("city", "not_empty"))
    assert not holds(base, field("city", "contains", "a"))


def with_phones(*phones: str, region: str = "RU"):
    contacts = tuple(Contact("phone", phone) for phone in phones)
    return world(client(contacts=contacts), account=Account(region=region))


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("9161234567", "RU", "+79161234567"),
        ("8 (916) 123-45-67", "RU", "+79161234567"),
        ("7 916 123 45 67", "RU", "+79161234567"),
        ("+7 (916) 123-45-67", "RU", "+79161234567"),
        ("70001234567", "RU", "+70001234567"),  # by its length, though no such code exists
        ("80001234567", "RU", "+70001234567"),
        ("0001234567", "RU", "+70001234567"),
        ("+49 151 23456789", "RU", "+4915123456789"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("+7 916 1234567", "DE", "+79161234567"),
    ],
)
def test_phones_are_normalised_as_stored_ones_are(text, region, expected):
    assert normalise_phone(text, region) == expected
    assert holds(with_phones(expected, region=region), field("phone", "eq", text))
    assert holds(with_phones("+12024561111", expected, region=region), field("phone", "in", ["+380", text]))


@pytest.mark.parametrize("part", ["8916", "7916", "916", "+7 (916)", "8 (916) 123", "123-45", "79161234567"])
@pytest.mark.parametrize("operator", ["contains", "starts_with"])
def test_parts_of_phones_are_digits_of_any_form(part, operator):
    expected = operator == "contains" or part != "123-45"
    assert holds(with_phones("+79161234567"), field("phone", operator, part)) is expected


def test_phones_end_with_digits_and_germans_dial_a_zero():
    assert holds(with_phones("+79161234567"), field("phone", "ends_with", "45-67"))
    assert holds(with_phones("+4915123456789"), field("phone", "starts_with", "0151"))
    assert not holds(with_phones("+4915123456789"), field("phone", "starts_with", "8151"))


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("eq", "ANNA@example.com ", True),
        ("eq", "b@example.com", True),
        ("ne", "b@example.com", False),  # one of them is it
        ("in", ["c@example.com", "b@example.com"], True),
        ("not_in", ["c@example.com"], True),
        ("contains", "anna@", True),
        ("not_contains", "anna", False),
        ("ends_with", "example.com", True),
        ("empty", None, False),
    ],
)
def test_one_of_several_values_is_enough(operator, value, expected):
    mails = (Contact("email", "anna@example.com"), Contact("email", "b@example.com"))
    leaf = field("email", operator) if value is None else field("email", operator, value)
    assert holds(world(client(contacts=mails)), leaf) is expected


def test_an_external_id_is_judged_within_its_source():
    base = world(client(identities=(Identity("crm", "Ё-1"), Identity("site", "2"))))
    assert holds(base, field("external_id", "eq", "е-1"))
    assert holds(base, field("external_id.crm", "eq", "е-1"))
    assert not holds(base, field("external_id.site", "eq", "е-1"))
    assert holds(base, field("external_id.1c", "empty"))
    assert holds(base, field("external_id.1c", "ne", "2"))


@pytest.mark.parametrize(
    ("verified", "is_true", "is_false", "empty"),
    [((), False, False, True), ((False,), False, True, False), ((False, True), True, False, False)],
)
def test_phone_verified_is_any_of_them(verified, is_true, is_false, empty):
    contacts = tuple(Contact("phone", f"+7916000000{n}", each) for n, each in enumerate(verified))
    base = world(client(contacts=contacts))
    found = [holds(base, field("phone_verified", operator)) for operator in ("is_true", "is_false", "empty")]
    assert found == [is_true, is_false, empty]


def test_a_consent_never_stated_is_empty():
    base = world(client(consents={"marketing": False}))
    assert holds(base, field("consent_marketing", "is_false"))
    assert holds(base, field("consent_personal_data", "empty"))
    assert not holds(base, field("consent_personal_data", "is_false"))
