"""A seeded source of choices with the few shapes of chance that worlds and trees need."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Everything random goes through here, so that a seed tells a whole world."""

    def __init__(self, rng: Random):
        self.rng = rng

    def happens(self, probability: float) -> bool:
        return self.rng.random() < probability

    def one(self, options: Sequence[T]) -> T:
        return options[self.rng.randrange(len(options))]

    def some(self, options: Sequence[T], at_least: int = 0, at_most: int = 3) -> list[T]:
        """Distinct options in random order."""
        most = min(at_most, len(options))
        return self.rng.sample(options, self.rng.randint(min(at_least, most), most))

    def maybe(self, probability: float, make: Callable[[], T]) -> T | None:
        return make() if self.happens(probability) else None

    def between(self, low: int, high: int) -> int:
        return self.rng.randint(low, high)

    def branch(self, weighted: dict[Callable[[], T], int]) -> T:
        """The result of one of several makers, by weight."""
        return self.rng.choices(list(weighted), list(weighted.values()))[0]()
