"""Visits of the shop's site: by what channel, with what marks, from where."""

from random import Random
from typing import NamedTuple

from clientbase.demo import words
from clientbase.demo.chance import Weighted
from clientbase.demo.params import Params, params

VARIANTS = 400
"""Different visits from one city."""
_CHANNELS = Weighted(zip(words.CHANNELS, (25, 15, 25, 15, 10, 5, 5), strict=True))
_PAID = {
    "yandex-direct": ("yandex", "cpc"), "vk-ads": ("vk", "cpc"), "telegram": ("telegram", "social"),
    "partners": ("partner", "cpa"), "email": ("newsletter", "email"),
}  # fmt: skip
"""Channels whose visits carry UTM marks: source and medium."""
_CAMPAIGNS = ("brand", "tea-lovers", "gifts", "new-year", "retargeting", "coffee")
_TERMS = ("купить чай", "чай в подарок", "кофе в зёрнах", "исинский чайник")
_LANDINGS = ("/", "/tea", "/coffee", "/gifts", "/sale")
_DEVICES = Weighted((("android", 45), ("ios", 25), ("desktop", 28), ("other", 2)))


class Visit(NamedTuple):
    """The ad channel of a visit and its other params."""

    channel: str
    params: Params


Visits = dict[str, list[Visit]]
"""What visits are chosen from, by city."""


def make_visits(rng: Random) -> Visits:
    """Visits from every city."""
    return {city: [_visit(rng, city) for _ in range(VARIANTS)] for city, _, _ in words.CITIES}


def _visit(rng: Random, city: str) -> Visit:
    channel = _CHANNELS.draw(rng)
    values = {"landing": rng.choice(_LANDINGS), "device": _DEVICES.draw(rng)}
    values |= {"country": words.COUNTRY, "city": city}
    if channel in _PAID:
        values |= _marks(rng, channel)
    if channel == "partners":
        values["referral_id"] = f"P{rng.randrange(200):03d}"
    return Visit(channel, params(values))


def _marks(rng: Random, channel: str) -> dict[str, str]:
    source, medium = _PAID[channel]
    marks = {"utm_source": source, "utm_medium": medium, "utm_campaign": rng.choice(_CAMPAIGNS)}
    if medium == "cpc":
        marks |= {"utm_content": f"banner-{rng.randrange(1, 6)}", "utm_term": rng.choice(_TERMS)}
    return marks
