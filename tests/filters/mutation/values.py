"""Mutants of texts, phones, codes and lists."""

import unicodedata
from typing import Any

from clientbase.filters import answers, values
from clientbase.filters.answers import Phone, Scalar, bind
from clientbase.filters.conditions import Like
from clientbase.filters.specs import Type
from clientbase.kit.text import fold
from tests.filters.asking import Fields
from tests.filters.mutation import Mutant


def keeping_yo(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def lower(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().lower().replace("ё", "е")


def untrimmed(text: str) -> str:
    blanks = text[: len(text) - len(text.lstrip())]
    return blanks + fold(text)


def whole_phone(raw: Any, operator: str, catalogue: Any) -> str:
    digits = "".join(char for char in raw if char.isdecimal())
    return values.phones.normalise(raw, catalogue.region) or digits


def raw_phone(raw: Any, operator: str, catalogue: Any) -> str:
    return "".join(char for char in raw if char.isdecimal())


def bare_like(self: Phone, condition: Like) -> Any:
    return self.digits.like(bind(f"%{condition.text}%"))


def case_code(raw: Any, *_: Any) -> str:
    return fold(raw)


PARTS = ("contains", "not_contains", "starts_with", "ends_with")
VALUES = (
    Mutant("ё is not е", ((values, "fold", keeping_yo),), Fields(("text",))),
    Mutant("lower case instead of folding", ((values, "fold", lower),), Fields(("text",))),
    Mutant("texts are not composed", ((values, "fold", lambda t: unicodedata.normalize("NFD", fold(t))),),
           Fields(("text",))),
    Mutant("blanks before a value stay", ((values, "fold", untrimmed),), Fields(("text",))),
    Mutant("% _ and \\ are patterns", ((answers, "like_escape", lambda text: text),),
           Fields(("text",), PARTS)),
    Mutant("\\ alone is a pattern",
           ((answers, "like_escape", lambda t: t.replace("%", "\\%").replace("_", "\\_")),),
           Fields(("text",), PARTS)),
    Mutant("parts of phones are whole phones", ((values, "_phone", whole_phone),), Fields(("phone",), PARTS)),
    Mutant("phones are not normalised", ((values, "_phone", raw_phone),), Fields(("phone",), ("eq", "in"))),
    Mutant("phones begin anywhere", ((answers._SCALAR, Like, lambda self, c: self.like(c)),
                                      (Phone, "like", bare_like)), Fields(("phone",), PARTS)),
    Mutant("parts of phones meet E.164 only", ((Phone, "like", Scalar.like),), Fields(("phone",), PARTS)),
    Mutant("codes are compared without case", ((values._READERS, Type.REFERENCE, case_code),),
           Fields(("reference",), ("eq", "in"))),
    Mutant("a list is its first value", ((answers, "bind_list", lambda v: BIND_LIST(list(v)[:1])),),
           Fields(("reference", "integer"), ("in", "not_in"))),
)  # fmt: skip
BIND_LIST = answers.bind_list
