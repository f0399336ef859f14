"""Whether numbers tell mistakes apart: where one gives nearly the right number, or nearly what another one gives.

In a variant of which that is true no mistake can be named with certainty, so others are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from stepnn.exercises.person import Numbers
from stepnn.exercises.slips import misread
from stepnn.exercises.typed import Typed
from stepnn.exercises.workings import Working, Workings
from stepnn.notation.digits import SLACK, Digits
from stepnn.trace.trace import Trace

NEAR = 2  # units of the last digit
MOST_KEPT = 20_000  # differences
SWAPS = {1, 9, *range(9, 82, 9)}  # how far a misread digit or two that are swapped are off, but for zeros behind


@dataclass(frozen=True)
class Alike:
    """Mistakes in a step that its numbers do not tell from each other, or from the right one where `other` is empty."""

    id: str
    names: tuple[str, ...]
    other: tuple[str, ...] = ()


def alike(workings: Workings, trace: Trace, digits: Digits, drawn: bool = False) -> Iterator[Alike]:
    """Every place at which the numbers of a trace leave open which mistake was made, or whether one was. With `drawn`,
    only mistakes by which numbers are drawn are looked at."""
    numbers = Numbers(workings, trace)
    for working in workings.asked:
        yield from alike_in(working, numbers, digits, drawn)


def alike_in(working: Working, numbers: Numbers, digits: Digits, drawn: bool) -> Iterator[Alike]:
    """The same for one step."""
    right = Right(numbers.true(working.at, working.ref), digits)
    near = NEAR * right.unit
    found: list[tuple[float, tuple[str, ...]]] = []
    for fault in working.drawn if drawn else working.mistakes:
        value = numbers.of(working.at, fault.formula)
        if value != value:
            continue
        if abs(value - right.value) <= near or right.looks_misread(value):
            yield Alike(working.id, fault.names)
            continue
        room = NEAR * right.unit_of(value)
        for other, names in found:
            if abs(value - other) <= room and names != fault.names:
                yield Alike(working.id, fault.names, names)
        found.append((value, fault.names))


class Right:
    """The right number of a step, with which those that mistakes give are compared. How it is written is worked out
    once: numbers between `low` and `high` have as many digits after the point."""

    def __init__(self, value: float, digits: Digits) -> None:
        self.value, self.digits = value, digits
        self.places = digits.places(value)
        self.unit, self.scale = 10.0**-self.places, 10.0**self.places
        self.units = round(value * self.scale) if self.places > 0 else 0
        first = math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
        low, high = 10.0**first * (1 + SLACK), 10.0 ** (first + 1) - self.unit
        self.low, self.high = (low, high) if low <= abs(value) <= high else (math.inf, -math.inf)

    def unit_of(self, value: float) -> float:
        """One unit of the last digit that is asked of a number."""
        return self.unit if self.low <= abs(value) <= self.high else self.digits.unit(value)

    def may_be_misread(self, value: float) -> bool:
        """The quick question that comes first. A number with a digit less after the point ends in a 0."""
        fewer = 0 if abs(value) <= self.high else self.places - self.digits.places(value)
        if self.places <= 0 or fewer > 1:
            return True
        if fewer <= 0:
            return is_swap(abs(round(value * self.scale) - self.units))
        tens = round(value * self.scale / 10) * 10
        return any(is_swap(abs(units - self.units)) for units in (tens - 10, tens, tens + 10))

    def looks_misread(self, value: float) -> bool:
        """Whether what a mistake gives could as well be the right number with a digit misread."""
        right = self.value
        if value * right <= 0 or not abs(right) / 10 < abs(value) < abs(right) * 10:
            return False
        if not self.may_be_misread(value):
            return False
        return misread(Typed("", self.digits.rounded(value), max(self.places, 0)), right, self.digits)


@lru_cache(MOST_KEPT)
def is_swap(off: int) -> bool:
    """Whether two numbers that are so many units apart may differ by a swap of neighbours, or by one misread digit. It
    is asked first because it is quick; a unit more or less in either may come from rounding."""
    return any(int(str(one).rstrip("0") or 0) in SWAPS for one in range(off - 2, off + 3))
