"""Whether numbers tell mistakes apart: where one gives nearly the right number, or nearly what another one gives.

In a variant of which that is true no mistake can be named with certainty, so others are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stepnn.exercises.person import Numbers
from stepnn.exercises.slips import misread
from stepnn.exercises.typed import Typed
from stepnn.exercises.workings import Working, Workings
from stepnn.notation.digits import Digits
from stepnn.trace.trace import Trace

NEAR = 2  # units of the last digit
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
    right = numbers.true(working.at, working.ref)
    found: list[tuple[float, tuple[str, ...]]] = []
    near = NEAR * digits.unit(right)
    for fault in working.mistakes:
        value = numbers.of(working.at, fault.formula)
        if value != value or (drawn and not fault.is_drawn):
            continue
        if abs(value - right) <= near or looks_misread(value, right, digits):
            yield Alike(working.id, fault.names)
            continue
        room = NEAR * digits.unit(value)
        for other, names in found:
            if names != fault.names and abs(value - other) <= room:
                yield Alike(working.id, fault.names, names)
        found.append((value, fault.names))


def looks_misread(value: float, right: float, digits: Digits) -> bool:
    """Whether what a mistake gives could as well be the right number with a digit misread."""
    if value * right <= 0 or not abs(right) / 10 < abs(value) < abs(right) * 10:
        return False
    places, scale = digits.places(right), 10.0 ** digits.places(right)
    if digits.places(value) == places >= 0 and not is_swap(abs(round(value * scale) - round(right * scale))):
        return False
    return misread(Typed("", digits.rounded(value), max(places, 0)), right, digits)


def is_swap(off: int) -> bool:
    """Whether two numbers that are so many units apart may differ by a swap of neighbours, or by one misread digit. It
    is asked first because it is quick; a unit more or less may come from rounding."""
    return any(int(str(one).rstrip("0") or 0) in SWAPS for one in (off - 1, off, off + 1))
