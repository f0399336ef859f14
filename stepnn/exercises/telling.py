"""Whether numbers tell mistakes apart: where one gives nearly the right number, or nearly what another one gives.

In a variant of which that is true no mistake can be named with certainty, so others are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, combinations, groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from stepnn.exercises.person import Numbers
from stepnn.exercises.slips import misread
from stepnn.exercises.typed import Typed
from stepnn.exercises.workings import Workings
from stepnn.notation.digits import Digits
from stepnn.notation.evaluate import Program
from stepnn.trace.trace import Trace

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
MARGIN = 0.06  # for what rounding does to a bound, and for 9.5, which in one digit is written as 10
NEAR = 2  # units of the last digit
MOST_UNITS = 1e15  # that float64 counts one by one
A_UNIT = (-2, -1, 0, 1, 2)  # what rounding both of two numbers may add to their difference
SWAPS = np.unique(  # how many units a misread digit, or two that are swapped, are off
    [float(off * 10**zeros + more) for off in (1, *range(9, 82, 9)) for zeros in range(16) for more in A_UNIT]
)


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
        self.workings, self.digits = workings, digits
        every = [step.drawn if drawn else step.mistakes for step in workings.asked]
        self.mistakes = [(step, one) for step, own in zip(workings.asked, every, strict=True) for one in own]
        self.programs = [
            (at, Program([mistake.formula for _, mistake in found]))
            for at, found in groupby(self.mistakes, lambda one: one[0].at)
        ]
        ends = [0, *accumulate(map(len, every))]
        pairs = [pair for start, end in pairwise(ends) for pair in combinations(range(start, end), 2)]
        names = [mistake.names for _, mistake in self.mistakes]
        others = [(one, other) for one, other in pairs if names[one] != names[other]]
        self.pairs = np.array(others, int).reshape(-1, 2)  # (pairs, 2)

    def alike(self, trace: Trace) -> Iterator[Alike]:
        """Every place at which the numbers of a trace leave open which mistake was made, or whether one was."""
        numbers = Numbers(self.workings, trace)
        right = np.array([numbers.true(step.at, step.ref) for step, _ in self.mistakes], float)
        every = [found for at, program in self.programs for found in program.numbers(numbers.reading(at))]
        values = np.array(every, float)
        like_right = {
            at for at in np.flatnonzero(may_be_like(values, right, self.digits)).tolist()
            if is_like(every[at], float(right[at]), self.digits)
        }  # fmt: skip
        first, second = values[self.pairs].T
        others: dict[int, list[int]] = {at: [] for at in sorted(like_right)}
        for one, at in self.pairs[may_be_alike(second, first, self.digits)].tolist():
            if not like_right & {one, at} and are_alike(every[at], every[one], self.digits):
                others.setdefault(at, []).append(one)
        for at in sorted(others):
            step, mistake = self.mistakes[at]
            if at in like_right:
                yield Alike(step.id, mistake.names)
            for one in others[at]:
                yield Alike(step.id, mistake.names, self.mistakes[one][1].names)


def is_like(value: float, right: float, digits: Digits) -> bool:
    """Whether a mistake gives the right number or nearly so, or what could be that number with a digit misread."""
    if abs(value - right) <= NEAR * digits.unit(right):
        return True
    if value * right <= 0 or not abs(right) / 10 < abs(value) < abs(right) * 10:
        return False
    return misread(Typed("", digits.rounded(value), max(digits.places(right), 0)), right, digits)


def are_alike(value: float, other: float, digits: Digits) -> bool:
    """Whether two mistakes give nearly the same."""
    return abs(value - other) <= NEAR * digits.unit(value)


def may_be_like(values: Array, right: Array, digits: Digits) -> Flags:
    """The quick question before `is_like`, of many at once, by bounds that hold for every number of a size: where it
    says no, no it is. A number with a digit less after the point than the right one ends in a 0."""
    places_of = {one: digits.places(one) for one in set(right.tolist())}
    places = np.array([places_of[one] for one in right.tolist()], float)
    with np.errstate(all="ignore"):
        unit, scale, size = 10.0**-places, 10.0**places, np.abs(values)
        most = 10.0 ** (np.floor(np.log10(np.abs(right))) + 1) - unit  # of this size and below: no fewer places
        units, tens = np.rint(right * scale), np.rint(values * scale / 10) * 10
        found = are_swaps(np.abs(np.rint(values * scale) - units)) | (places <= 0) | ~(np.abs(right) <= most)
        for more in (-10, 0, 10):
            found |= (size > most) & are_swaps(np.abs(tens + more - units))
        if not digits.significant:
            found |= places > digits.count  # of a small number, whose places may be fewer by more than one
        found |= np.maximum(np.abs(units), np.abs(tens)) > MOST_UNITS
        found &= (values * right > 0) & (np.abs(right) / 10 < size) & (size < np.abs(right) * 10)
        near: Flags = np.abs(values - right) <= NEAR * unit * (1 + MARGIN)
    return found | near


def may_be_alike(values: Array, others: Array, digits: Digits) -> Flags:
    """The quick question before `are_alike`: a unit is at most so large, for numbers of any size."""
    least = 0.0 if digits.significant else 10.0**-digits.count
    with np.errstate(all="ignore"):
        unit = np.maximum(np.abs(values) * 10.0 ** (1 - max(digits.count, 1)), least) * (1 + MARGIN)
        near: Flags = (np.abs(values - others) <= NEAR * unit) | (values == 0)
    return near


def are_swaps(off: Array) -> Flags:
    """Whether two numbers that are so many units apart may differ by a swap of neighbours, or by one misread digit; of
    numbers that are too large to tell, True."""
    at = np.searchsorted(SWAPS, off)
    same: Flags = SWAPS[np.minimum(at, len(SWAPS) - 1)] == off
    return same | (at >= len(SWAPS))
