"""Whether numbers tell mistakes apart: where one gives nearly the right number, or nearly what another one gives.

In a variant of which that is true no mistake can be named with certainty, so others are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from stepnn.exercises.person import Numbers
from stepnn.exercises.slips import misread
from stepnn.exercises.typed import Typed
from stepnn.exercises.workings import Workings
from stepnn.notation.digits import SLACK, Digits
from stepnn.notation.evaluate import Program
from stepnn.trace.trace import Trace

Array = NDArray[np.float64]
MARGIN = 0.01  # for numbers that are rounded up into the next power of ten
NEAR = 2  # units of the last digit
A_UNIT = (-2, -1, 0, 1, 2)  # what rounding both of two numbers may add to their difference
SWAPS = frozenset(  # how many units a misread digit, or two that are swapped, are off
    off * 10**zeros + more for off in (1, *range(9, 82, 9)) for zeros in range(16) for more in A_UNIT
)
IN_ORDER = np.array(sorted(SWAPS), float)


@dataclass(frozen=True)
class Alike:
    """Mistakes in a step that its numbers do not tell from each other, or from the right one where `other` is empty."""

    id: str
    names: tuple[str, ...]
    other: tuple[str, ...] = ()


class Telling:
    """Finds where numbers leave open which mistake was made. It is made once for all the numbers that are drawn for an
    assignment; most steps are passed over at one look at all mistakes of all steps."""

    def __init__(self, workings: Workings, digits: Digits, drawn: bool = False) -> None:
        """With `drawn`, only mistakes by which numbers are drawn are looked at."""
        self.workings, self.digits, self.steps = workings, digits, workings.asked
        every = [step.drawn if drawn else step.mistakes for step in self.steps]
        self.mistakes = [
            (step, mistake) for step, mistakes in zip(self.steps, every, strict=True) for mistake in mistakes
        ]
        self.programs = [
            (at, Program([mistake.formula for _, mistake in found]))
            for at, found in groupby(self.mistakes, lambda one: one[0].at)
        ]
        self.step_of = np.repeat(np.arange(len(every)), list(map(len, every)))  # (mistakes)
        ends = [0, *accumulate(map(len, every))]
        pairs = [pair for start, end in pairwise(ends) for pair in combinations(range(start, end), 2)]
        names = [mistake.names for _, mistake in self.mistakes]
        others = [(one, other) for one, other in pairs if names[one] != names[other]]
        self.pairs = np.array(others, int).reshape(-1, 2)  # (pairs, 2)

    def alike(self, trace: Trace) -> Iterator[Alike]:
        """Every place at which the numbers of a trace leave open which mistake was made, or whether one was."""
        numbers = Numbers(self.workings, trace)
        rights = [Right(numbers.true(step.at, step.ref), self.digits) for step in self.steps]
        values = [found for at, program in self.programs for found in program.numbers(numbers.reading(at))]
        right_of = [rights[place] for place in self.step_of]
        may_be_right, may_be_alike = self.worth_a_look(rights, np.array(values, float))
        like_right = {at for at in may_be_right if right_of[at].is_like(values[at])}
        others: dict[int, list[int]] = {at: [] for at in sorted(like_right)}
        for one, at in may_be_alike:
            if one not in like_right and at not in like_right and right_of[at].are_alike(values[at], values[one]):
                others.setdefault(at, []).append(one)
        for at in sorted(others):
            step, mistake = self.mistakes[at]
            if at in like_right:
                yield Alike(step.id, mistake.names)
            for one in others[at]:
                yield Alike(step.id, mistake.names, self.mistakes[one][1].names)

    def worth_a_look(self, rights: Sequence[Right], values: Array) -> tuple[list[int], list[list[int]]]:
        """The mistakes that may give what the right number could be taken for, and the pairs of them that may give
        nearly the same: by bounds that hold for every number of a size."""
        of_steps = np.array([(one.value, one.unit, one.scale, one.high, one.units) for one in rights]).reshape(-1, 5)
        right, unit, scale, high, units = of_steps[self.step_of].T  # (mistakes) each
        with np.errstate(all="ignore"):
            size, written = np.abs(values), values * scale
            tens = np.rint(written / 10) * 10
            misread = are_swaps(np.abs(np.rint(written) - units)) | (high < 0) | (scale <= 1)
            for more in (-10, 0, 10):
                misread |= (size > high) & are_swaps(np.abs(tens + more - units))
            if not self.digits.significant:
                misread |= scale > 10.0**self.digits.count
            misread &= (values * right > 0) & (np.abs(right) / 10 < size) & (size < np.abs(right) * 10)
            first, second = values[self.pairs].T
            least = 0.0 if self.digits.significant else 10.0**-self.digits.count
            room = np.maximum(np.abs(second) * 10.0 ** (1 - max(self.digits.count, 1)), least) * NEAR * (1 + MARGIN)
            near = (np.abs(second - first) <= room) | (second == 0)
            may_be_right = misread | (np.abs(values - right) <= NEAR * unit)
        return np.flatnonzero(may_be_right).tolist(), self.pairs[near].tolist()


def are_swaps(off: Array) -> NDArray[np.bool_]:
    """`is_swap` of many; of numbers that are too large to tell, True."""
    at = np.searchsorted(IN_ORDER, off)
    same: NDArray[np.bool_] = IN_ORDER[np.minimum(at, len(IN_ORDER) - 1)] == off
    return same | (at >= len(IN_ORDER))


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

    def is_like(self, value: float) -> bool:
        """Whether a mistake gives the right number or nearly so, or what could be that number misread."""
        return abs(value - self.value) <= NEAR * self.unit or self.looks_misread(value)

    def are_alike(self, value: float, other: float) -> bool:
        """Whether two mistakes give nearly the same."""
        return abs(value - other) <= NEAR * self.unit_of(value)

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


def is_swap(off: int) -> bool:
    """Whether two numbers that are so many units apart may differ by a swap of neighbours, or by one misread digit. It
    is asked first because it is quick."""
    return off in SWAPS
